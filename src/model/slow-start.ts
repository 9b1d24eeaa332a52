/** Segments that a sender may have under way before the first acknowledgement (RFC 6928). */
const INITIAL_WINDOW = 10;
/** What a segment carries on a path with an MTU of 1500 bytes, with timestamps (RFC 7323). */
const SEGMENT_BYTES = 1448;

/** A flight: who sends it, and how many bytes it is; undefined where nobody saw them. */
export interface SizedFlight {
  from: 'client' | 'broker';
  bytes: number | undefined;
}

/**
 * Round trips that flights wait for their sender's congestion window, beyond the one that a flight takes anyway: the
 * window begins at 10 segments and grows by one for each that was acknowledged (RFC 5681 §3.1, RFC 6928), so that a
 * flight of a fresh connection is through after r rounds when it has at most 10 · (2^r − 1) segments.
 */
export function slowStartRounds(flights: readonly SizedFlight[]): number {
  const windows = { client: INITIAL_WINDOW, broker: INITIAL_WINDOW };
  let waited = 0;
  for (const { from, bytes = 0 } of flights) {
    const segments = Math.ceil(bytes / SEGMENT_BYTES);
    let window = windows[from];
    for (let sent = window; sent < segments; sent += window) {
      waited++;
      window *= 2;
    }
    // The other end's answer acknowledges all of it.
    windows[from] += segments;
  }
  return waited;
}

/** Bytes that have left after so many rounds of a fresh connection: 10 · (2^r − 1) segments. */
export function windowBytes(rounds: number): number {
  return INITIAL_WINDOW * (2 ** rounds - 1) * SEGMENT_BYTES;
}

/** Round trips that a first flight of so many bytes takes beyond its own trip. */
export function furtherRounds(bytes: number): number {
  return slowStartRounds([{ from: 'broker', bytes }]);
}
