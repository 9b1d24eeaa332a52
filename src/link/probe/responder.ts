import { createServer, type AddressInfo } from 'node:net';
import { nowUs } from '../../measure/clock.ts';
import { onPacket, PROBE_LENGTH, writePacket } from './packets.ts';

/** Answers every probe with its arrival and the answer's own departure. Returns the port it listens on. */
export function respond(host: string): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    onPacket(socket, PROBE_LENGTH, ([sequence = 0]) => {
      const arrivedUs = nowUs();
      writePacket(socket, [sequence, arrivedUs, nowUs()]);
    });
    // A prober that has what it wants may reset.
    socket.on('error', () => {});
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => resolve((server.address() as AddressInfo).port));
  });
}
