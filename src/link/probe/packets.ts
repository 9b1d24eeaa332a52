import type { Socket } from 'node:net';

/** Numbers in a probe: its sequence number, and when it was sent. */
export const PROBE_LENGTH = 2;
/** Numbers in an answer: the probe's sequence number, when the probe arrived, and when the answer was sent. */
export const ANSWER_LENGTH = 3;

/** Packets are a few doubles each; all instants are microseconds of the monotonic clock. */
export function writePacket(socket: Socket, numbers: readonly number[]): void {
  socket.write(Buffer.from(Float64Array.from(numbers).buffer));
}

/** Cuts a stream into packets of `length` numbers, however the bytes come. */
export function onPacket(socket: Socket, length: number, receive: (numbers: Float64Array) => void): void {
  const size = length * Float64Array.BYTES_PER_ELEMENT;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= size) {
      // Copied, since a view of doubles must start at a multiple of eight.
      receive(new Float64Array(Uint8Array.from(rest.subarray(0, size)).buffer));
      rest = rest.subarray(size);
    }
  });
}
