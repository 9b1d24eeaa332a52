import { EVENT_TIMES, eventTimeOf, type EventTime } from '../history/events.ts';
import type { Learned, LearnedFloor } from '../history/learned.ts';
import type { CellResult, Distribution } from '../results/schema.ts';
import type { Verdict } from '../stats/verdict.ts';
import type { Comparison, Effect } from './comparison.ts';
import { missing, missingInBaseline } from './missing.ts';
import { FEWEST_SAMPLES, type CompareSettings } from './settings.ts';

/**
 * Times of a fleet to which something happens once a run: a storm, a failure, the beginning of a hold. Its clients wait for
 * each other, so that 5,000 of one event are no 5,000 observations of it, and no interval from within one event tells how
 * the next one would differ: there is none here. Judged are they where past runs taught by how much the median changes from
 * run to run anyway; else they are told.
 */
export function eventEffects(
  { baseline, candidate }: { baseline: CellResult; candidate: CellResult },
  learned: Learned | undefined,
): Effect[] {
  return EVENT_TIMES.flatMap((what): Effect[] => {
    const before = eventTimeOf(baseline, what);
    const after = eventTimeOf(candidate, what);
    if (before === undefined) return after === undefined ? [] : [missingInBaseline(what)];
    if (after === undefined) return [missing(what, candidate)];
    return [effectOf(what, before, after, learned?.floorOf(candidate.id, what))];
  });
}

function effectOf(
  what: EventTime,
  before: Distribution,
  after: Distribution,
  floor: LearnedFloor | undefined,
): Effect {
  const difference = after.p50Ms - before.p50Ms;
  const few = Math.min(before.count, after.count) < FEWEST_SAMPLES;
  return {
    kind: 'timing',
    what,
    unit: 'ms',
    judged: floor !== undefined,
    ...judge(difference, few, floor),
    baseline: before.p50Ms,
    candidate: after.p50Ms,
    difference,
    ...(before.p50Ms > 0 ? { differencePercent: (difference / before.p50Ms) * 100 } : {}),
    ...(floor === undefined ? {} : { floor: floor.ms }),
    samples: { baseline: before.count, candidate: after.count },
  };
}

function judge(
  difference: number,
  few: boolean,
  floor: LearnedFloor | undefined,
): { verdict: Verdict; because: string } {
  if (floor === undefined)
    return {
      verdict: 'inconclusive',
      because:
        'It is the time of one event, whose clients wait for each other: how much it changes from run to run is not in it. A history of such runs would tell.',
    };
  if (few)
    return {
      verdict: 'inconclusive',
      because: `A run has fewer than ${FEWEST_SAMPLES} good clients.`,
    };
  const learned = `the ${floor.ms.toFixed(2)} ms that were learned from ${floor.runs} runs`;
  if (Math.abs(difference) <= floor.ms)
    return { verdict: 'unchanged', because: `The difference is within ${learned}.` };
  return difference > 0
    ? { verdict: 'regressed', because: `It is slower by more than ${learned}.` }
    : { verdict: 'improved', because: `It is faster by more than ${learned}.` };
}

/** What a reader should know where times of events are told and not judged. */
export function eventNotes(cells: Comparison['cells'], { only }: Pick<CompareSettings, 'only'>): string[] {
  const isTold = ({ kind, what, judged }: Effect): boolean =>
    kind === 'timing' && !judged && EVENT_TIMES.some((time) => time === what);
  const told = cells.filter(({ effects }) => effects.some(isTold)).length;
  if (told === 0 || only?.includes('timing') === false) return [];
  return [
    `How long the fleets of ${told} of ${cells.length} cells took is told, and not judged: each is one event of a run. --history judges it, once it has enough runs.`,
  ];
}
