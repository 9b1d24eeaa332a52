import type { Interval } from './median.ts';

/** What a comparison comes to. `worse` is up: more milliseconds, bytes, trips. */
export const VERDICTS = ['regressed', 'improved', 'unchanged', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Adjusted p-values up to this are findings: of all that is called regressed, 5 % may be chance. */
export const FALSE_DISCOVERY_RATE = 0.05;

/**
 * The verdict on an effect with its 95 % interval. `floor` is the smallest effect that anybody cares about.
 *
 * - regressed, improved: the whole interval lies beyond the floor, and so it is still when all comparisons are counted
 *   (`adjustedP`, of the hypothesis that the effect is within the floor on that side);
 * - unchanged: the whole interval lies within the floors (two one-sided tests of equivalence: Schuirmann, Journal of
 *   Pharmacokinetics and Biopharmaceutics 15, 1987);
 * - inconclusive: anything else.
 */
export function verdictOf(
  { low, high }: Interval,
  floor: number,
  adjustedP: { worse: number; better: number },
): Verdict {
  if (low > floor && adjustedP.worse <= FALSE_DISCOVERY_RATE) return 'regressed';
  if (high < -floor && adjustedP.better <= FALSE_DISCOVERY_RATE) return 'improved';
  return low >= -floor && high <= floor ? 'unchanged' : 'inconclusive';
}

/** What is said of several verdicts together: one regression is one too many, and what is not known is not good. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  return (
    (['regressed', 'inconclusive', 'improved'] as const).find((verdict) => verdicts.includes(verdict)) ??
    'unchanged'
  );
}
