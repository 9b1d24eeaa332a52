import { confirm, suspectsOf } from '../compare/confirm.ts';
import type { Comparison } from '../compare/comparison.ts';
import { BenchError } from '../errors.ts';
import type { Results } from '../results/schema.ts';
import { log } from './output.ts';
import { isFit } from './unusable.ts';

/** What is measured again, and how. */
export interface SecondLook {
  /** Results that the first comparison rests on. */
  first: readonly Results[];
  /** Measures the suspects, or all, again. */
  again: (
    suspects: readonly string[],
  ) => Promise<{ results: readonly Results[]; comparison: () => Comparison }>;
  allowUncalibrated?: boolean | undefined;
}

/**
 * Measures again what seems to have regressed, and answers the verdict after that. A first run that is not to be rested
 * on is not looked at again. Where the second measurement fails or is not to be rested on, the first stands, with a
 * note: what was found is not lost for it.
 */
export async function lookAgain(
  comparison: Comparison,
  { first, again, allowUncalibrated = false }: SecondLook,
): Promise<Comparison> {
  const suspects = first.every((results) => isFit(results, allowUncalibrated)) ? suspectsOf(comparison) : [];
  if (suspects.length === 0) return comparison;
  log(
    `Measuring again, since ${suspects.length} of ${comparison.cells.length} cells seem to have regressed.`,
  );
  try {
    const second = await again(suspects);
    if (second.results.every((results) => isFit(results, allowUncalibrated)))
      return confirm(comparison, second.comparison());
    return withNote(comparison, 'it did not finish, or its link was not what was asked for');
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return withNote(comparison, error.message);
  }
}

function withNote(comparison: Comparison, why: string): Comparison {
  const note = `What regressed was not confirmed, since there is no second measurement: ${why}.`;
  return { ...comparison, notes: [...comparison.notes, note] };
}
