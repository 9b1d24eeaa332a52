import type { CellResult } from '../results/schema.ts';
import type { Effect } from './comparison.ts';

/**
 * What the baseline has and the candidate lacks: data that is missing never passes. Where the candidate's attempts were
 * good and the machine disturbed them all, it is no regression either.
 */
export function missing(what: string, { samples }: CellResult): Effect {
  const disturbed = samples.ok > 0 && samples.tainted === samples.ok;
  return {
    kind: 'missing',
    what,
    unit: '',
    verdict: disturbed ? 'inconclusive' : 'regressed',
    judged: true,
    because: disturbed
      ? `The candidate lacks it: all of its ${samples.ok} good samples were disturbed by the machine.`
      : 'The candidate lacks it, and the baseline has it.',
  };
}
