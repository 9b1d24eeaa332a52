import { rSquared } from 'simple-statistics';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { oddTripMs } from '../model/predict.ts';
import {
  FEWEST_VALUES,
  percentileInterval,
  type RoundBootstrap,
  type RoundValue,
} from '../stats/bootstrap.ts';
import { ascending, median } from '../stats/median.ts';
import { theilSen } from '../stats/theil-sen.ts';
import type { CellResult, LinkResult, Results } from './schema.ts';
import { endOf, hopMs, JUDGED, onlyDelays, pureDelayMs, tripsOfLine } from './trips.ts';

/** What a line of medians says: its slope is the trip count, where it meets no delay is compute. */
export interface FittedLine {
  trips: number;
  tripsLow?: number;
  tripsHigh?: number;
  interceptMs: number;
  interceptLowMs?: number;
  interceptHighMs?: number;
  r2: number;
  /** How many delays the line goes through. */
  delays: number;
}

/** The median of a milestone over one link that does nothing but delay. */
export interface LinePoint {
  link: LinkResult;
  medianMs: number;
  /** What of the median is no trip over this link: those behind a hop. */
  hopMs?: number;
  /** What it is the median of; absent where nobody kept the samples, and then there is no interval. */
  values?: readonly RoundValue[];
}

const withInterval: ReadonlySet<Milestone> = new Set(JUDGED);

/** The samples that the medians are made of, and the resamples of their rounds. */
export interface LineSamples {
  goodOf: (cell: CellResult) => readonly Sample[];
  bootstrap: RoundBootstrap;
}

/** Cells that differ in nothing but the link. */
export function linesOf<T extends Pick<CellResult, 'mode' | 'broker' | 'topology' | 'workload'>>(
  cells: readonly T[],
): T[][] {
  return [
    ...Map.groupBy(cells, ({ mode, broker, topology, workload }) =>
      JSON.stringify([mode, broker, topology, workload]),
    ).values(),
  ];
}

/**
 * Fits each milestone's medians over the links' measured one-way delay (Theil–Sen): the slope is the trip count, the
 * intercept is compute. Only cells that differ in nothing but the link share a line, and only over links that differ
 * in nothing but their delay: loss, jitter and a rate add time that is no trip. With `samples` the milestones that
 * are judged have a 95 % interval; the others are left with the point, since a thousand lines for each of a large run's
 * hundreds would take seconds.
 */
export function slopesOf(
  cells: readonly CellResult[],
  links: readonly LinkResult[],
  samples?: LineSamples,
): Results['slopes'] {
  return linesOf(cells).flatMap((line) => {
    const [first] = line;
    if (first === undefined) return [];
    const { mode, broker, topology, workload } = first;
    return MILESTONE_NAMES.flatMap((milestone): Results['slopes'] => {
      const predicted = tripsOfLine(line, milestone, links);
      if (predicted === undefined) return [];
      const found = line.flatMap((cell): LinePoint[] => {
        const medianMs = cell.milestones[milestone]?.p50Ms;
        const link = links.find(({ id }) => id === cell.link);
        if (medianMs === undefined || link === undefined || !onlyDelays(cell, links)) return [];
        const values = samples && roundValues(samples.goodOf(cell), milestone);
        const beyondMs = hopMs(cell, milestone, predicted, links);
        return [{ link, medianMs, hopMs: beyondMs, ...(values === undefined ? {} : { values }) }];
      });
      const fit = fitLine(milestone, found, withInterval.has(milestone) ? samples?.bootstrap : undefined);
      if (fit === undefined) return [];
      return [{ mode, broker, topology, workload, milestone, predicted, ...fit }];
    });
  });
}

/** A milestone of samples with their rounds. */
export function roundValues(samples: readonly Sample[], milestone: Milestone): RoundValue[] {
  return samples.flatMap(({ round, milestonesMs }) => {
    const value = milestonesMs[milestone];
    return value === undefined ? [] : [{ round, value }];
  });
}

/** A point of what samples say; undefined where none of them has the milestone. */
export function pointOf(
  link: LinkResult,
  samples: readonly Sample[],
  milestone: Milestone,
): LinePoint | undefined {
  const values = roundValues(samples, milestone);
  return values.length === 0
    ? undefined
    : { link, values, medianMs: median(values.map(({ value }) => value)) };
}

/**
 * The line through a milestone's medians over the mean measured one-way delay; undefined where the delays are too
 * alike. Of a milestone at the broker half of what the way up takes more is taken off: it is one trip up more than
 * down, so that over uneven directions its line would not rise by the trip count. What theory has behind a hop is taken
 * off too. The interval comes from `bootstrap`,
 * and is absent where a point has too few values for one.
 */
export function fitLine(
  milestone: Milestone,
  points: readonly LinePoint[],
  bootstrap?: RoundBootstrap,
): FittedLine | undefined {
  const delays = points.map(({ link }) => pureDelayMs(link) ?? 0);
  const different = differing(delays);
  if (different < 2) return undefined;
  const beside = points.map(({ link, hopMs = 0 }) => oddTripMs(endOf(milestone), link.trip) + hopMs);
  const place = (medians: readonly number[]): [number, number][] =>
    medians.map((ms, index) => [delays[index] ?? 0, ms - (beside[index] ?? 0)]);
  const measured = place(points.map(({ medianMs }) => medianMs));
  const line = theilSen(measured);
  return {
    trips: line.slope,
    interceptMs: line.intercept,
    ...intervalsOf(points, place, bootstrap),
    r2: rSquared(measured, (delay) => line.slope * delay + line.intercept),
    delays: different,
  };
}

/** How many delays there are, those that are less than a millisecond apart as one: noise of compute would be read as trips. */
function differing(delaysMs: readonly number[]): number {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const delayMs of ascending(delaysMs)) {
    if (delayMs - last < 1) continue;
    count++;
    last = delayMs;
  }
  return count;
}

function intervalsOf(
  points: readonly LinePoint[],
  place: (medians: readonly number[]) => [number, number][],
  bootstrap: RoundBootstrap | undefined,
): Pick<FittedLine, 'tripsLow' | 'tripsHigh' | 'interceptLowMs' | 'interceptHighMs'> {
  if (bootstrap === undefined || points.some(({ values = [] }) => values.length < FEWEST_VALUES)) return {};
  const medians = points.map(({ values = [] }) => bootstrap.medians(values));
  const lines = Array.from(medians[0] ?? [], (_, resample) =>
    medians.map((own) => own[resample] ?? Number.NaN),
  )
    // A link none of whose rounds was drawn has no median, and the resample no line.
    .filter((resampled) => resampled.every(Number.isFinite))
    .map((resampled) => theilSen(place(resampled)));
  const trips = percentileInterval(lines.map(({ slope }) => slope));
  const intercept = percentileInterval(lines.map(({ intercept }) => intercept));
  if (trips === undefined || intercept === undefined) return {};
  return {
    tripsLow: trips.low,
    tripsHigh: trips.high,
    interceptLowMs: intercept.low,
    interceptHighMs: intercept.high,
  };
}
