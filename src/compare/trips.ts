import type { Milestone } from '../measure/milestones.ts';
import type { CellResult } from '../results/schema.ts';
import type { Verdict } from '../stats/verdict.ts';
import type { Effect } from './comparison.ts';
import { goodShare } from './good-share.ts';
import { missing, missingInBaseline } from './missing.ts';
import type { NullTwin } from './null-twin.ts';
import {
  DEFAULT_SETTINGS,
  FEWEST_SAMPLES,
  LEAST_GOOD_SHARE,
  LEAST_TRIPS,
  SHORTEST_TRIP,
  TRIPS_TOLERANCE,
  type CompareSettings,
} from './settings.ts';

/** A cell, and the one over a null link that its trips were inferred against. */
export interface Inferred {
  cell: CellResult;
  twin: NullTwin | undefined;
}

/**
 * Inferred trips, which are whole numbers of the protocol and hardly depend on the machine: one more is one more,
 * without statistics. They are a difference of medians all the same, of the cell and of its null-link twin, so that what
 * may move a median by itself must not be able to make a trip.
 */
export function tripsEffect(
  baseline: Inferred,
  candidate: Inferred,
  what: Milestone,
  settings: Pick<CompareSettings, 'minEffectMs'>,
): Effect[] {
  const before = baseline.cell.trips[what]?.inferred;
  const after = candidate.cell.trips[what]?.inferred;
  const name = `inferred trips to ${what}`;
  if (before === undefined) return after === undefined ? [] : [missingInBaseline(name)];
  if (after === undefined) {
    const gone = missing(name, candidate.cell, candidate.twin === undefined ? [] : [candidate.twin.cell]);
    const short = shortTrip([baseline, candidate], settings);
    return [short === undefined ? gone : { ...gone, verdict: 'inconclusive', because: short }];
  }
  return [
    {
      kind: 'trips',
      what,
      unit: 'trips',
      judged: true,
      ...judge(before, after, distrustOf({ baseline, candidate }, what, settings)),
      baseline: before,
      candidate: after,
      difference: after - before,
      floor: LEAST_TRIPS,
      ...(candidate.twin === undefined ? {} : { inferredFrom: candidate.twin.cell.id }),
    },
  ];
}

function judge(
  before: number,
  after: number,
  distrust: string | undefined,
): { verdict: Verdict; because: string } {
  const because = distrust ?? vagueness(before, after);
  if (because !== undefined) return { verdict: 'inconclusive', because };
  const more = Math.round(after) - Math.round(before);
  if (more === 0) return { verdict: 'unchanged', because: `${Math.round(after)} one-way trips in both.` };
  const change = `${Math.round(before)} one-way trips became ${Math.round(after)}.`;
  return { verdict: more > 0 ? 'regressed' : 'improved', because: change };
}

/** Why figures that were inferred from these cells tell nothing, whatever they are. */
function distrustOf(
  runs: { baseline: Inferred; candidate: Inferred },
  what: Milestone,
  settings: Pick<CompareSettings, 'minEffectMs'>,
): string | undefined {
  for (const name of ['baseline', 'candidate'] as const) {
    const { cell, twin } = runs[name];
    if (twin === undefined)
      return `The ${name} lacks the cell over a null link that they were inferred from.`;
    for (const { id, milestones, samples } of [cell, twin.cell]) {
      const where = id === cell.id ? `The ${name}` : `Over the null link the ${name}`;
      const count = milestones[what]?.count ?? 0;
      if (count < FEWEST_SAMPLES)
        return `${where} has ${count} undisturbed samples to infer trips from, fewer than ${FEWEST_SAMPLES}.`;
      const share = goodShare({ samples });
      if (share < LEAST_GOOD_SHARE)
        return `${where} has ${Math.round(share * 100)} % of its samples left undisturbed: the machine was too busy.`;
    }
  }
  return shortTrip([runs.baseline, runs.candidate], settings);
}

/** Why trips over such a link cannot be told from what medians differ by anyway. */
function shortTrip(
  sides: readonly Inferred[],
  { minEffectMs }: Pick<CompareSettings, 'minEffectMs'>,
): string | undefined {
  const tripMs = Math.min(...sides.map(({ twin }) => twin?.tripMs ?? Infinity));
  // Who cares for less has a machine that is quieter; who cares for more has no worse one.
  const leastMs = SHORTEST_TRIP * Math.min(minEffectMs, DEFAULT_SETTINGS.minEffectMs);
  if (tripMs >= leastMs) return undefined;
  return `One trip over this link is ${tripMs.toFixed(2)} ms: to be told from what medians differ by anyway it would have to be ${leastMs.toFixed(2)} ms.`;
}

function vagueness(before: number, after: number): string | undefined {
  const vague = [before, after].find((trips) => Math.abs(trips - Math.round(trips)) > TRIPS_TOLERANCE);
  if (vague !== undefined)
    return `${vague.toFixed(2)} trips are no whole number: something other than the delay is in them.`;
  if (Math.round(after) === Math.round(before) || Math.abs(after - before) >= LEAST_TRIPS) return undefined;
  return `From ${before.toFixed(2)} to ${after.toFixed(2)} trips it is less than one trip, whatever they are rounded to.`;
}
