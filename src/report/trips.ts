import { tripsMs, type OneWayDelays } from '../model/predict.ts';
import type { CellResult, Trips } from '../results/schema.ts';
import type { PathKind } from '../model/hops.ts';
import { counted } from '../words.ts';
import { fixed, integer, NONE } from './format.ts';

/** Theory's trips as a figure: `5`, or `5 + 1` behind a hop, over the outer and the inner link. */
export function tripsFigure(trips: Trips | undefined): string {
  if (trips?.inner === undefined) return integer(trips?.predicted);
  return `${integer(trips.predicted)} + ${integer(trips.inner.predicted)}`;
}

/** The same in words: `5 trips`, `5 + 1 trips`, without the inner link where it is not on the way. */
export function tripsInWords(trips: Trips): string {
  return (trips.inner?.predicted ?? 0) === 0
    ? counted(trips.predicted, 'trip')
    : `${tripsFigure(trips)} trips`;
}

/** Inferred trips as a figure; behind a hop one for each link, as far as the run has a cell to infer them from. */
export function inferredFigure(trips: Trips | undefined): string {
  if (trips?.inner === undefined) return fixed(trips?.inferred, 2);
  const { inferred, inner } = trips;
  return inferred === undefined && inner.inferred === undefined
    ? NONE
    : `${fixed(inferred, 2)} + ${fixed(inner.inferred, 2)}`;
}

/** What a table with trips over two links needs to say of them; empty where no cell is behind a hop. */
export function hopWords(cells: readonly CellResult[]): string {
  return cells.some(({ path }) => path !== undefined)
    ? ' Two counts of trips: over the outer link, then over the inner one.'
    : '';
}

/** A stretch of time that one trip takes, in milliseconds from the client's SYN. */
export interface TripSpan {
  from: number;
  to: number;
  /** Whether it leads to the broker or back. */
  arrow: '→' | '←';
}

/**
 * The trips of a milestone one after another, those over the link behind a hop after the others. Where every packet
 * crosses both links (`through`), a trip is one over both of them.
 */
export function tripSpans(
  { predicted, inner }: Trips,
  path: PathKind | undefined,
  outerDelays: OneWayDelays,
  innerDelays: OneWayDelays,
): TripSpan[] {
  const innerTrips = inner?.predicted ?? 0;
  const spans = (count: number, startMs: number, delays: OneWayDelays): TripSpan[] =>
    Array.from({ length: count }, (_, before) => ({
      from: startMs + tripsMs(before, delays),
      to: startMs + tripsMs(before + 1, delays),
      arrow: before % 2 === 0 ? '→' : '←',
    }));
  if (path !== 'through') {
    const outer = spans(predicted, 0, outerDelays);
    return [...outer, ...spans(innerTrips, outer.at(-1)?.to ?? 0, innerDelays)];
  }
  const before = spans(predicted - innerTrips, 0, outerDelays);
  const both = {
    upMs: outerDelays.upMs + innerDelays.upMs,
    downMs: outerDelays.downMs + innerDelays.downMs,
  };
  return [...before, ...spans(innerTrips, before.at(-1)?.to ?? 0, both)];
}
