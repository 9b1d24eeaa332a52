/** The head of a pubsub payload, so that a subscriber can time a message without asking anyone. */
export interface MessageHead {
  /** When the schedule wanted it sent; latency counts from here. */
  intendedUs: number;
  /** When it was really handed to the client library; service time counts from here. */
  sentUs: number;
  publisher: number;
  sequence: number;
}

/** Writes the head into the first 24 bytes of a payload, big-endian. */
export function writeHead(payload: Buffer, { intendedUs, sentUs, publisher, sequence }: MessageHead): void {
  payload.writeDoubleBE(intendedUs, 0);
  payload.writeDoubleBE(sentUs, 8);
  payload.writeUInt32BE(publisher, 16);
  payload.writeUInt32BE(sequence, 20);
}

/** Reads what {@link writeHead} wrote. Throws a RangeError when the payload is shorter than a head. */
export function readHead(payload: Buffer): MessageHead {
  return {
    intendedUs: payload.readDoubleBE(0),
    sentUs: payload.readDoubleBE(8),
    publisher: payload.readUInt32BE(16),
    sequence: payload.readUInt32BE(20),
  };
}
