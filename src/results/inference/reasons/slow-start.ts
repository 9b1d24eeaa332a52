import { furtherRounds, windowBytes } from '../../../model/slow-start.ts';
import { JUDGED } from '../../trips.ts';
import { completed, medianOf, type Line, type Reason } from '../line.ts';
import { counted } from '../../../words.ts';

/**
 * A flight of more than the initial window of ten segments (RFC 6928), such as that with a large certificate: it waits
 * for acknowledgements, a round trip for each doubling (RFC 5681 §3.1). Where a link sees flights the prediction has it.
 */
export const slowStart = {
  name: 'slow-start',
  looksFor: 'a flight of the handshake that is larger than the initial window of ten segments',
  find: (line) => {
    const large = largestFlight(line);
    if (large === undefined) return undefined;
    const { what, bytes, predicted } = large;
    // Earlier flights may have opened the window; the prediction has looked at all of them in their order.
    const rounds = predicted ? roundsInTheory(line) : furtherRounds(bytes);
    if (rounds === 0) return undefined;
    const known = predicted
      ? 'which theory’s trips here include'
      : 'which theory’s trips here do not include';
    return {
      evidence: `${what}, ${counted(bytes, 'byte')}, is more than the initial window of ten segments (${counted(windowBytes(1), 'byte')}, RFC 6928): ${counted(rounds, 'round trip')} more, ${known}.`,
      explains: predicted ? [] : JUDGED,
    };
  },
} as const satisfies Reason;

interface Large {
  what: string;
  bytes: number;
  predicted: boolean;
}

/** The most round trips that theory has in a judged milestone over a link that only delays. */
function roundsInTheory({ cells }: Line): number {
  const rounds = cells
    .filter(({ pureDelay }) => pureDelay)
    .flatMap(({ cell }) => JUDGED.map((milestone) => cell.trips[milestone]?.slowStartRounds ?? 0));
  return Math.max(0, ...rounds);
}

/** The largest flight that a link saw; where none did, all that the broker sent of its handshake, as the client counted. */
function largestFlight({ cells }: Line): Large | undefined {
  const flights = cells.flatMap(({ cell }) =>
    cell.flights.flatMap(({ what, bytes, from }) =>
      bytes === undefined
        ? []
        : [{ what: `The ${from}’s flight ${what.replace(/ leaves?$/, '')}`, bytes, predicted: true }],
    ),
  );
  if (flights.length > 0) return flights.toSorted((a, b) => b.bytes - a.bytes)[0];
  const down = cells.flatMap(({ attempts }) =>
    completed(attempts).flatMap(({ bytes }) => bytes?.handshakeDown ?? []),
  );
  const bytes = medianOf(down);
  return bytes === undefined ? undefined : { what: 'The broker’s handshake', bytes, predicted: false };
}
