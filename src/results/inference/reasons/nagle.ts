import { meanDelayMs } from '../../../model/predict.ts';
import { completed, medianOf, msWords, type LineCell, type Reason } from '../line.ts';
import { counted } from '../../../words.ts';

/** Linux delays an acknowledgement by at least 40 ms (TCP_DELACK_MIN); less and more is a measured one. */
const LINUX_MS = { from: 30, to: 60 };
/** "MUST be less than 0.5 seconds" (RFC 1122 §4.2.3.2): where Nagle's algorithm is known to be on, any stack's delay. */
const LONGEST_MS = 500;

/**
 * Nagle's algorithm (RFC 896; RFC 1122 §4.2.3.4) at the broker: CONNACK is a small segment behind another small one
 * (session tickets, in TLS 1.3), so it is held until the client acknowledges that, which the client delays. It then
 * comes later by that delay and by a round trip: the other's way to the client, and the acknowledgement's way back.
 */
export const nagle = {
  name: 'nagle',
  looksFor: 'CONNACK that comes a delayed acknowledgement and a round trip after the broker wrote it',
  find: ({ cells }) => {
    const stalls = cells.flatMap((cell) => stallOf(cell) ?? []);
    // A broker may be stalled over one link only: the proxy has a TCP leg of its own between it and the link.
    const worst = stalls.toSorted((a, b) => b.lateMs - a.lateMs)[0];
    if (worst === undefined) return undefined;
    const { link, lateMs, delayedMs, roundTripMs, attempts, noDelay, written } = worst;
    const trip = roundTripMs < 1 ? '' : ` and the round trip of ${msWords(roundTripMs)} until it comes`;
    const setting =
      noDelay === false
        ? 'the broker was told to leave Nagle’s algorithm on (noDelay false)'
        : `the broker looks as if it had left Nagle’s algorithm on${noDelay === true ? ', though it says it did not' : ''}`;
    return {
      evidence: `Over ${link} CONNACK comes ${msWords(lateMs)} later (median of ${counted(attempts, 'connection')}) than one trip after ${written}: ${msWords(delayedMs)} for an acknowledgement that the client delays (RFC 1122 §4.2.3.2; Linux: 40 ms)${trip}; ${setting}.`,
      explains: ['connackReceived'],
    };
  },
} as const satisfies Reason;

interface Stall {
  link: string;
  attempts: number;
  /** How much later than a trip after it was written CONNACK comes. */
  lateMs: number;
  /** Of that, what is not a round trip. */
  delayedMs: number;
  roundTripMs: number;
  noDelay: boolean | undefined;
  written: string;
}

function stallOf({ cell, link, inner, pureDelay, attempts }: LineCell): Stall | undefined {
  if (!pureDelay) return undefined;
  // On the wire CONNACK is seen when the algorithm lets it go.
  const tellsWritten = cell.brokerSide?.source !== 'wire';
  const downMs = link.trip.downMs + (inner?.trip.downMs ?? 0);
  const seen = completed(attempts).flatMap(({ milestonesMs, negotiated }) => {
    const { connectReceived, connackReceived } = milestonesMs;
    const connackSent = tellsWritten ? milestonesMs.connackSent : undefined;
    // A broker that does not say when it wrote CONNACK held CONNECT before.
    const writtenMs = connackSent ?? connectReceived;
    if (writtenMs === undefined || connackReceived === undefined) return [];
    const told = connackSent !== undefined;
    return [{ lateMs: connackReceived - writtenMs - downMs, told, noDelay: negotiated.broker?.noDelay }];
  });
  const lateMs = medianOf(seen.map((one) => one.lateMs));
  const [first] = seen;
  if (lateMs === undefined || first === undefined) return undefined;
  // A hop that ends the connection acknowledges what the broker sends it.
  const acknowledged = [
    ...(cell.path?.kind === 'split' ? [] : [link]),
    ...(inner === undefined ? [] : [inner]),
  ];
  const roundTripMs = acknowledged.reduce((sum, { trip }) => sum + 2 * meanDelayMs(trip), 0);
  const delayedMs = lateMs - roundTripMs;
  const longestMs = first.noDelay === false ? LONGEST_MS : LINUX_MS.to;
  if (delayedMs < LINUX_MS.from || delayedMs > longestMs) return undefined;
  return {
    link: link.id,
    attempts: seen.length,
    lateMs,
    delayedMs,
    roundTripMs,
    noDelay: first.noDelay,
    written: first.told ? 'the broker wrote it' : 'the broker held CONNECT',
  };
}
