import { createServer, type AddressInfo, type Socket } from 'node:net';
import { nowUs } from '../../measure/clock.ts';
import { encode, MESSAGE_BYTES, PING, Reader, SEGMENT_BYTES, train, TRAIN_UP, type Message } from './wire.ts';

/** Answers pings with their arrival and the answer's own departure, and trains as asked. Returns the port. */
export function respond(host: string): Promise<number> {
  const server = createServer({ noDelay: true }, answer);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => resolve((server.address() as AddressInfo).port));
  });
}

function answer(socket: Socket): void {
  const reader = new Reader();
  socket.on('data', (bytes: Buffer) => {
    const atUs = nowUs();
    reader.take(bytes, atUs, ([kind, value]: Message) => {
      if (kind === PING) socket.write(encode([value, atUs, nowUs()]));
      else if (kind === TRAIN_UP) {
        reader.expectTrain(value * SEGMENT_BYTES - MESSAGE_BYTES, (arrival) => {
          socket.write(encode([arrival.bytes, arrival.firstUs, arrival.lastUs]));
        });
      } else socket.write(train(value));
    });
  });
  // A prober that has what it wants may reset.
  socket.on('error', () => {});
}
