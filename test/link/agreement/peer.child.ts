import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { nowUs } from '../../../src/measure/clock.ts';
import { serve } from '../../../src/process/serve.ts';
import { peerProtocol } from './protocol.ts';

serve(peerProtocol, () => ({
  serveTls: ({ host, certPem, keyPem }) => {
    const server = tls.createServer({
      cert: certPem,
      key: keyPem,
      minVersion: 'TLSv1.3',
      // A hybrid's share is a segment of its own and would blur the ladder.
      ecdhCurve: 'X25519',
      noDelay: true,
    });
    server.on('secureConnection', (socket) => socket.on('error', () => {}).resume());
    return portOf(server, host);
  },
  serveBytes: ({ host }) =>
    portOf(
      createServer({ noDelay: true }, (socket) => {
        socket.on('error', () => {});
        socket.once('data', (request: Buffer) => socket.end(Buffer.alloc(request.readUInt32LE())));
      }),
      host,
    ),
  serveStamps: ({ host }) =>
    portOf(
      createServer({ noDelay: true }, (socket) => {
        const answer = Buffer.alloc(8);
        socket
          .on('error', () => {})
          .on('data', () => {
            answer.writeDoubleLE(nowUs());
            socket.write(answer);
          });
      }),
      host,
    ),
  oneWay: async ({ route, count }) => {
    const { socket, failed } = await dial(route);
    const tookMs: number[] = [];
    for (let n = 0; n < count; n++) {
      const sentUs = nowUs();
      socket.write('?');
      const [answer] = (await Promise.race([once(socket, 'data'), failed])) as [Buffer];
      tookMs.push((answer.readDoubleLE() - sentUs) / 1000);
    }
    socket.destroy();
    // The first byte also waits for the handshake where that is modelled.
    return { tookMs: tookMs.slice(1) };
  },
  handshake: async ({ route, caPem, servername }) => {
    const startUs = nowUs();
    const { socket, failed } = await dial(route);
    const secure = tls.connect({ socket, ca: caPem, servername, ecdhCurve: 'X25519' });
    await Promise.race([once(secure, 'secureConnect'), failed]);
    const tookMs = [(nowUs() - startUs) / 1000];
    secure.destroy();
    return { tookMs };
  },
  download: async ({ route, bytes, count, atOnce }) => {
    const tookMs: number[] = [];
    const worker = async (): Promise<void> => {
      while (tookMs.length + atOnce <= count) tookMs.push(await download(route, bytes));
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { tookMs };
  },
}));

async function download(route: { host: string; port: number }, bytes: number): Promise<number> {
  const startUs = nowUs();
  const { socket, failed } = await dial(route);
  const request = Buffer.alloc(4);
  request.writeUInt32LE(bytes);
  socket.write(request);
  let left = bytes;
  const complete = Promise.withResolvers<void>();
  socket.on('data', (got: Buffer) => {
    left -= got.length;
    if (left <= 0) complete.resolve();
  });
  await Promise.race([complete.promise, failed]);
  const tookMs = (nowUs() - startUs) / 1000;
  socket.destroy();
  return tookMs;
}

async function dial(route: {
  host: string;
  port: number;
}): Promise<{ socket: Socket; failed: Promise<never> }> {
  const socket = connect({ ...route, noDelay: true });
  const failed = new Promise<never>((_, reject) => socket.once('error', reject));
  // Whoever waits hears of it; afterwards nobody does.
  failed.catch(() => {});
  await Promise.race([once(socket, 'connect'), failed]);
  return { socket, failed };
}

async function portOf(server: Server, host: string): Promise<{ port: number }> {
  await once(server.listen(0, host), 'listening');
  return { port: (server.address() as AddressInfo).port };
}
