import type { Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { sortSamples } from './cell.ts';
import { JUDGED } from './trips.ts';

/** Milestones that a comparison tells of and does not judge. */
export const TOLD = ['publishReceived', 'delivered'] as const satisfies Milestone[];

/**
 * The milestones that runs are compared by. All others lie between these or are stamped by the same events; leaving
 * them out keeps the file small enough to be committed as a baseline and read in a second.
 */
export const ROUND_MILESTONES = [...JUDGED, ...TOLD] as const satisfies Milestone[];

/** The good samples of one milestone in one cell, in the order of their rounds. */
export interface RoundSeries {
  /** First and last of each run of rounds that follow one another. */
  ranges: [number, number][];
  /** Whole microseconds from the intended start, as in the histograms; one for each round. */
  timesUs: Int32Array;
}

/** Of each cell, by its name. */
export type Rounds = ReadonlyMap<string, ReadonlyMap<Milestone, RoundSeries>>;

/** Lines of rounds.ndjson, one for each cell and milestone. */
export function* roundLines(samples: readonly Sample[]): Generator<string> {
  for (const [cell, all] of Map.groupBy(samples, (sample) => sample.cell)) {
    const good = sortSamples(all).good.toSorted((a, b) => a.round - b.round);
    for (const milestone of ROUND_MILESTONES) {
      const own = good.flatMap(({ round, milestonesMs: { [milestone]: ms } }) =>
        ms === undefined ? [] : [{ round, us: Math.round(ms * 1000) }],
      );
      if (own.length === 0) continue;
      const ranges = rangesOf(own.map(({ round }) => round));
      yield `${JSON.stringify({ cell, milestone, rounds: ranges, timesUs: own.map(({ us }) => us) })}\n`;
    }
  }
}

function rangesOf(rounds: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const round of rounds) {
    const last = ranges.at(-1);
    if (last?.[1] === round - 1) last[1] = round;
    else ranges.push([round, round]);
  }
  return ranges;
}

/** All rounds of some ranges. */
export function roundsIn(ranges: RoundSeries['ranges']): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
}
