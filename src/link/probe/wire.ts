/**
 * What probers and responders write on their connections. A message is three doubles; all instants are microseconds of
 * the monotonic clock. Ping: `[PING, sequence, sent]`, answered with `[sequence, arrived, answered]`. A train asks for
 * bytes back to back, by which a rate is measured: `[TRAIN_UP, segments, 0]` is followed by them, answered with
 * `[bytes after the first chunk, time of the first chunk, time of the last]`; `[TRAIN_DOWN, segments, 0]` is answered
 * with the bytes themselves.
 */
export const PING = 1;
export const TRAIN_UP = 2;
export const TRAIN_DOWN = 3;

const MESSAGE_LENGTH = 3;
export const MESSAGE_BYTES = MESSAGE_LENGTH * Float64Array.BYTES_PER_ELEMENT;

/** What a segment carries on a path with an MTU of 1500 bytes: 40 bytes of headers, 12 of timestamps (RFC 7323). */
export const SEGMENT_BYTES = 1448;
/** IP header, TCP header and timestamps of every segment. */
export const HEADER_BYTES = 52;
/** SYN and SYN-ACK, with their options. */
export const SYN_BYTES = 60;

/** Bytes of IP packets that carry so many bytes of a stream. */
export function packetBytes(streamBytes: number): number {
  return streamBytes + Math.ceil(streamBytes / SEGMENT_BYTES) * HEADER_BYTES;
}

export type Message = [number, number, number];

export function encode(message: Message): Buffer {
  return Buffer.from(Float64Array.from(message).buffer);
}

/** A train, whole segments in all: the message that announces it, if any, is in the first one. */
export function train(segments: number, announcement?: Message): Buffer {
  const bytes = Buffer.alloc(segments * SEGMENT_BYTES);
  if (announcement !== undefined) encode(announcement).copy(bytes);
  return bytes;
}

/** A train that is arriving. */
interface Train {
  left: number;
  firstUs: number;
  afterFirst: number;
  onDone: (arrival: Arrival) => void;
}

/** Cuts a stream into messages and trains, however its bytes come. */
export class Reader {
  #rest: Buffer = Buffer.alloc(0);
  #train:
    | { left: number; firstUs: number; afterFirst: number; onDone: (arrival: Arrival) => void }
    | undefined;

  /** The next so many bytes are a train's. */
  expectTrain(bytes: number, onDone: (arrival: Arrival) => void): void {
    this.#train = { left: bytes, firstUs: 0, afterFirst: 0, onDone };
  }

  /** Takes what arrived; `receive` may announce a train. */
  take(bytes: Buffer, atUs: number, receive: (message: Message) => void): void {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      if (this.#train !== undefined) rest = this.#takeTrain(this.#train, rest, atUs);
      if (this.#train !== undefined || rest.length < MESSAGE_BYTES) break;
      // Copied, since a view of doubles must start at a multiple of eight.
      const [a = 0, b = 0, c = 0] = new Float64Array(Uint8Array.from(rest.subarray(0, MESSAGE_BYTES)).buffer);
      rest = rest.subarray(MESSAGE_BYTES);
      receive([a, b, c]);
    }
    this.#rest = rest;
  }

  #takeTrain(train: Train, bytes: Buffer, atUs: number): Buffer {
    const taken = Math.min(train.left, bytes.length);
    if (taken === 0) return bytes;
    if (train.firstUs === 0) train.firstUs = atUs;
    else train.afterFirst += taken;
    train.left -= taken;
    if (train.left === 0) {
      this.#train = undefined;
      train.onDone({ bytes: train.afterFirst, firstUs: train.firstUs, lastUs: atUs });
    }
    return bytes.subarray(taken);
  }
}

/** When a train arrived: how many bytes came after its first chunk, and when its first and last chunk did. */
export interface Arrival {
  bytes: number;
  firstUs: number;
  lastUs: number;
}
