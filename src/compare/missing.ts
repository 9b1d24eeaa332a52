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
 * good and the machine disturbed them all, it is no regression either; so with `others`, the cells that it is made of
 * beside its own.
 */
export function missing(what: string, cell: CellResult, others: readonly CellResult[] = []): Effect {
  const disturbed = [cell, ...others].find(({ samples: { ok, tainted } }) => ok > 0 && tainted === ok);
  return {
    kind: 'missing',
    what,
    unit: '',
    verdict: disturbed === undefined ? 'regressed' : 'inconclusive',
    judged: true,
    because:
      disturbed === undefined
        ? 'The candidate lacks it, and the baseline has it.'
        : `The candidate lacks it: all of ${samplesOf(disturbed, cell)} were disturbed by the machine.`,
  };
}

function samplesOf({ id, samples: { ok } }: CellResult, own: CellResult): string {
  return id === own.id ? `its ${ok} good samples` : `the ${ok} good samples of ${id}`;
}
