import { atRateMs, HEADER_BYTES, SEGMENT_BYTES, type LinkRates, type SizedFlight } from './serialization.ts';

/** Segments that a sender may have under way before the first acknowledgement (RFC 6928). */
const INITIAL_WINDOW = 10;

/** What flights wait for their sender's congestion window. */
export interface WindowWait {
  /** Rounds after which a sender stood idle. */
  rounds: number;
  /** How long altogether, in milliseconds. */
  ms: number;
}

/**
 * What flights wait for the congestion window, beyond the trip that each takes anyway: the window begins at 10 segments
 * and grows by one for each that was acknowledged (RFC 5681 §3.1, RFC 6928), so that a flight of a fresh connection is
 * through after r rounds when it has at most 10 · (2^r − 1) segments. Without a rate each further round is a round trip.
 * At a rate the sender is idle only from the end of a window until the acknowledgement of its first segment, which is
 * never where the window takes longer than the round trip: what it sends meanwhile is in the serialization.
 */
export function windowWait(
  flights: readonly SizedFlight[],
  roundTripMs: number,
  rates: LinkRates = {},
): WindowWait {
  const windows = { client: INITIAL_WINDOW, broker: INITIAL_WINDOW };
  const wait = { rounds: 0, ms: 0 };
  for (const { from, bytes = 0 } of flights) {
    const segments = Math.ceil(bytes / SEGMENT_BYTES);
    const segmentMs = atRateMs(SEGMENT_BYTES + HEADER_BYTES, from, rates);
    const answerMs = roundTripMs + segmentMs + atRateMs(HEADER_BYTES, otherEnd(from), rates);
    let window = windows[from];
    for (let sent = window; sent < segments; sent += window) {
      const idleMs = answerMs - window * segmentMs;
      if (idleMs > 0) {
        wait.rounds++;
        wait.ms += idleMs;
      }
      window *= 2;
    }
    // The other end's answer acknowledges all of it.
    windows[from] += segments;
  }
  return wait;
}

function otherEnd(from: SizedFlight['from']): SizedFlight['from'] {
  return from === 'client' ? 'broker' : 'client';
}

/** Bytes that have left after so many rounds of a fresh connection: 10 · (2^r − 1) segments. */
export function windowBytes(rounds: number): number {
  return INITIAL_WINDOW * (2 ** rounds - 1) * SEGMENT_BYTES;
}

/** Round trips that a first flight of so many bytes takes beyond its own trip. */
export function furtherRounds(bytes: number): number {
  return windowWait([{ from: 'broker', bytes }], 1).rounds;
}
