/** Payload of a TCP segment over Ethernet with timestamps (RFC 9293 §3.7.1: 1500 − 40 − 12 bytes). */
const SEGMENT_BYTES = 1448;
/** Segments that may be under way before the first acknowledgement (RFC 6928 §2). */
const INITIAL_SEGMENTS = 10;

/** Bytes that have left after so many rounds of slow start: 10·(2^r − 1) segments, each round doubling (RFC 5681 §3.1). */
export function windowBytes(rounds: number): number {
  return INITIAL_SEGMENTS * (2 ** rounds - 1) * SEGMENT_BYTES;
}

/** Round trips that a flight of so many bytes takes beyond its own trip: 0 as long as it fits the initial window. */
export function furtherRounds(bytes: number): number {
  let rounds = 1;
  while (bytes > windowBytes(rounds)) rounds++;
  return rounds - 1;
}
