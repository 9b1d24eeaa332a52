import type { CellResult } from '../results/schema.ts';
import type { Effect } from './comparison.ts';

/** What the baseline lacks: what the candidate has of it cannot be held against anything. */
export function missingInBaseline(what: string): Effect {
  return {
    kind: 'missing',
    what,
    unit: '',
    verdict: 'inconclusive',
    judged: true,
    because: 'The baseline lacks it, so that there is nothing to hold it against.',
  };
}

/** Where neither run has a time that is judged. */
export function nothingTimed(): Effect {
  return {
    kind: 'missing',
    what: 'any time',
    unit: '',
    verdict: 'inconclusive',
    judged: true,
    because: 'Neither run has an undisturbed sample of it.',
  };
}

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
