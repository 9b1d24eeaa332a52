import type { Milestone } from '../measure/milestones.ts';
import type { CellResult } from '../results/schema.ts';
import type { Verdict } from '../stats/verdict.ts';
import type { Effect } from './comparison.ts';
import { missing } from './missing.ts';
import { FEWEST_SAMPLES, TRIPS_TOLERANCE } from './settings.ts';

/**
 * Inferred trips, which are whole numbers of the protocol and hardly depend on the machine: one more is one more,
 * without statistics. Only where the baseline has them.
 */
export function tripsEffect(baseline: CellResult, candidate: CellResult, what: Milestone): Effect[] {
  const before = baseline.trips[what]?.inferred;
  const after = candidate.trips[what]?.inferred;
  if (before === undefined) return [];
  if (after === undefined) {
    return [missing(`inferred trips to ${what}`, candidate)];
  }
  const judged = judge(before, after, [baseline, candidate], what);
  return [
    {
      kind: 'trips',
      what,
      unit: 'trips',
      judged: true,
      ...judged,
      baseline: before,
      candidate: after,
      difference: after - before,
      floor: 1,
    },
  ];
}

function judge(
  before: number,
  after: number,
  cells: readonly CellResult[],
  what: Milestone,
): { verdict: Verdict; because: string } {
  if (cells.some(({ milestones }) => (milestones[what]?.count ?? 0) < FEWEST_SAMPLES)) {
    return {
      verdict: 'inconclusive',
      because: `A run has fewer than ${FEWEST_SAMPLES} undisturbed samples to infer trips from.`,
    };
  }
  const vague = [before, after].find((trips) => Math.abs(trips - Math.round(trips)) > TRIPS_TOLERANCE);
  if (vague !== undefined) {
    return {
      verdict: 'inconclusive',
      because: `${vague.toFixed(2)} trips are no whole number: something other than the delay is in them.`,
    };
  }
  const more = Math.round(after) - Math.round(before);
  if (more === 0) return { verdict: 'unchanged', because: `${Math.round(after)} one-way trips in both.` };
  const change = `${Math.round(before)} one-way trips became ${Math.round(after)}.`;
  return { verdict: more > 0 ? 'regressed' : 'improved', because: change };
}
