import { parentPort, workerData } from 'node:worker_threads';
import { nowUs } from '../measure/clock.ts';

/**
 * The thread behind {@link import('./alarm.ts').Alarm}: sleeps until the instant in the shared cell, which is in
 * nanoseconds of the monotonic clock and 0 while there is nothing to wait for, then posts one message.
 */
const cell = new BigInt64Array(workerData as SharedArrayBuffer);

for (;;) {
  const wakeNs = Atomics.load(cell, 0);
  const remainingNs = wakeNs - BigInt(Math.round(nowUs() * 1000));
  if (wakeNs !== 0n && remainingNs <= 0n) {
    parentPort?.postMessage(null, []);
    Atomics.wait(cell, 0, wakeNs);
  } else {
    // Returns at once when the cell was changed meanwhile, so no new instant is slept through.
    Atomics.wait(cell, 0, wakeNs, wakeNs === 0n ? Infinity : Number(remainingNs) / 1e6);
  }
}
