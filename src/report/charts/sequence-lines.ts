import type { PathKind } from '../../model/hops.ts';
import type { OneWayDelays } from '../../model/predict.ts';
import type { FlightRow } from '../../results/schema.ts';

export type End = FlightRow['from'];

/** A life line of a time–sequence diagram: whose it is, its name there, and its share of the way from the first to the last. */
export interface LifeLine {
  end: End;
  name: string;
  place: number;
}

const CLIENT: LifeLine = { end: 'client', name: 'client', place: 0 };
const BROKER: LifeLine = { end: 'broker', name: 'broker', place: 1 };
// Half of a hop's lane would crowd the outer arrows; the inner link is mostly the short one.
const HOP: LifeLine = { end: 'hop', name: 'hop', place: 0.62 };

const LINES: Record<PathKind, LifeLine[]> = {
  through: [CLIENT, HOP, BROKER],
  split: [CLIENT, HOP, BROKER],
  // The firewall that clients come through is at the end of their link, and the broker a step behind it.
  aside: [CLIENT, { end: 'hop', name: 'firewall', place: 0.8 }, BROKER],
  // Nobody comes to the broker.
  closed: [CLIENT, { end: 'hop', name: 'router', place: 1 }],
};

/** The life lines of cells with such a path, or without a hop, from the left to the right. */
export function lifeLines(kind: PathKind | undefined): LifeLine[] {
  return kind === undefined ? [CLIENT, BROKER] : LINES[kind];
}

/** The same in words: `client on the left and broker on the right, the hop between them`. */
export function lifeLineWords(kind: PathKind | undefined): string {
  const names = lifeLines(kind).map(({ name }) => name);
  const between = names.slice(1, -1).map((name) => `, the ${name} between them`);
  return `${names[0]} on the left and ${names.at(-1)} on the right${between.join('')}`;
}

/** A link that a flight crosses, or the step between a firewall and the broker. */
export interface Leg {
  from: End;
  to: End;
  ms: number;
}

const NO_DELAY: OneWayDelays = { upMs: 0, downMs: 0 };

/** What a flight crosses, one leg after another: a link, or where it goes past a hop both sides of that. */
export function legsOf(
  { from, to = from === 'client' ? 'broker' : 'client' }: Pick<FlightRow, 'from' | 'to'>,
  kind: PathKind | undefined,
  { outer, inner }: { outer: OneWayDelays; inner: OneWayDelays },
): Leg[] {
  // The inner link may be there and not on this connection's way.
  const behind = kind === undefined ? outer : kind === 'through' || kind === 'split' ? inner : NO_DELAY;
  const leg = (start: End, end: End): Leg => {
    const link = start === 'broker' || end === 'broker' ? behind : outer;
    return { from: start, to: end, ms: start === 'client' || end === 'broker' ? link.upMs : link.downMs };
  };
  if (kind === undefined || from === 'hop' || to === 'hop') return [leg(from, to)];
  return [leg(from, 'hop'), leg('hop', to)];
}
