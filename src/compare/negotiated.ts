import type { CellResult } from '../results/schema.ts';
import { fisherGreater } from '../stats/proportions.ts';
import type { Verdict } from '../stats/verdict.ts';
import type { Effect } from './comparison.ts';
import { missingInBaseline } from './missing.ts';

/** Chance does this once in a hundred runs. */
const SURE = 0.01;

/**
 * What both ends agreed on. Parameters that the baseline never saw are a regression, whether they are weaker or not:
 * what was measured is not what was measured before. One odd attempt of many is for the losses to judge.
 */
export function negotiatedEffect(baseline: CellResult, candidate: CellResult): Effect[] {
  const known = Object.keys(baseline.negotiated);
  if (known.length === 0)
    return Object.keys(candidate.negotiated).length === 0 ? [] : [missingInBaseline('negotiated')];
  const fresh = Object.entries(candidate.negotiated).filter(([line]) => !known.includes(line));
  const whole = sum(Object.values(candidate.negotiated));
  const others = sum(fresh.map(([, count]) => count));
  const { verdict, because } = judge(
    fresh.map(([line]) => line),
    known,
    fisherGreater({ part: 0, whole: sum(Object.values(baseline.negotiated)) }, { part: others, whole }),
    { others, whole },
  );
  return [{ kind: 'negotiated', what: 'negotiated', unit: '', verdict, judged: true, because }];
}

function judge(
  fresh: readonly string[],
  known: readonly string[],
  p: number,
  { others, whole }: { others: number; whole: number },
): { verdict: Verdict; because: string } {
  if (whole === 0) return { verdict: 'regressed', because: 'Nothing was negotiated in the candidate.' };
  if (fresh.length === 0) return { verdict: 'unchanged', because: known.join(' | ') };
  return {
    verdict: p <= SURE || others === whole ? 'regressed' : 'inconclusive',
    because: `${others} of ${whole} negotiated ${fresh.join(' | ')}; the baseline ${known.join(' | ')}.`,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
