/**
 * How long a process takes to be told of a connection: a bare Node server in a process of its own stamps what it accepts,
 * and who connects stamps before. Between what is on the wire and any broker's stamp lies at least this, which is the
 * machine's and Node's.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { nowUs } from '../../src/measure/clock.ts';
import { median } from '../../src/stats/median.ts';

/** The median of so many connections in milliseconds, one after another at a rate. */
export async function toldMs(count: number, perSecond: number): Promise<number> {
  const server = execaNode(fileURLToPath(import.meta.url), {
    ipc: true,
    stdout: 'inherit',
    stderr: 'inherit',
  });
  try {
    const port = (await server.getOneMessage()) as number;
    const tookMs: number[] = [];
    for (let n = 0; n < count; n++) {
      await sleep(1000 / perSecond);
      const told = server.getOneMessage();
      let dialledUs = 0;
      const socket = connect({ host: '127.0.0.1', port });
      // The last that Node says before it asks the kernel, which accepts at once.
      socket.once('connectionAttempt', () => (dialledUs = nowUs()));
      tookMs.push((Number(await told) - dialledUs) / 1000);
      socket.destroy();
    }
    return median(tookMs);
  } finally {
    server.kill();
    await server.catch(() => {});
  }
}

if (import.meta.main) {
  const server = createServer((socket) => {
    const acceptedUs = nowUs();
    socket.on('error', () => {}).resume();
    process.send?.(acceptedUs);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  process.send?.((server.address() as AddressInfo).port);
}
