import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { listenOverflows, readOverflows } from '../../src/process/listen-queue.ts';

test('the counter stands where its name stands, wherever that is', () => {
  const netstat =
    'IpExt: InNoRoutes InOctets\nIpExt: 1 2\nTcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 4 17 18\n';
  expect(readOverflows(netstat)).toBe(17);
  expect(readOverflows('TcpExt: SyncookiesSent\nTcpExt: 4\n')).toBeUndefined();
  expect(readOverflows('')).toBeUndefined();
});

test.skipIf(process.platform !== 'linux')(
  'a queue that nobody empties overflows, and is counted',
  async () => {
    const before = (await listenOverflows(process.pid)) ?? Number.NaN;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, resolve));
    const { port } = server.address() as AddressInfo;
    const sockets: Socket[] = [];
    try {
      // All SYNs are sent within one turn of the event loop, which is the one that would accept them.
      for (let count = 0; count < 20; count++) sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
      const blockedUntil = performance.now() + 200;
      while (performance.now() < blockedUntil);
      await expect.poll(() => listenOverflows(process.pid)).toBeGreaterThan(before);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  },
);

test('of a process that is not there nobody tells', async () => {
  expect(await listenOverflows(2 ** 22 + 1)).toBeUndefined();
});
