import { Worker } from 'node:worker_threads';

/** How often the thread looks, and how long an orphan has to end in order, its cleanup included. */
const LOOK_MS = 500;
const GRACE_MS = 2000;

/**
 * The thread: an orphan's parent is another process, init or a reaper. Source text rather than a module, since loading
 * one would cost every process of a run another 20 MB and 30 ms of CPU.
 */
const LOOK_OUT = `
  const { workerData: { parent, lookMs, graceMs } } = require('node:worker_threads');
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (process.ppid === parent) Atomics.wait(never, 0, 0, lookMs);
  Atomics.wait(never, 0, 0, graceMs);
  process.kill(process.pid, 'SIGKILL');
`;

/**
 * Ends this process some seconds after its parent has died, whatever its event loop is busy with: a closed channel is
 * only noticed by a loop that comes round. A thread of its own looks, since no signal of a parent's death is portable.
 */
export function watchParent(): void {
  const workerData = { parent: process.ppid, lookMs: LOOK_MS, graceMs: GRACE_MS };
  new Worker(LOOK_OUT, { eval: true, workerData }).unref();
}
