import { confirm, suspectsOf, unconfirmed } from '../compare/confirm.ts';
import type { Comparison } from '../compare/comparison.ts';
import { BenchError } from '../errors.ts';
import type { Results } from '../results/schema.ts';
import { log } from './output.ts';
import { isFit } from './unusable.ts';

/** A second measurement that can be rested on, or why there is none. */
export type Second<T> = { measured: T } | { why: string };

/** What can go wrong once or twice, such as a link that was off in a busy moment, is tried again. */
const TRIES = 3;
const INTERRUPTED = 'it was interrupted';

/**
 * Measures again; where that fails, cannot be rested on or tells nothing (`isTelling`), once or twice more, unless somebody
 * interrupts it. `measure` is told which try it is, from 1 on. What tells nothing is answered where nothing better comes.
 */
export async function measureAgain<T extends { results: readonly Results[] }>(
  measure: (attempt: number) => Promise<T>,
  {
    allowUncalibrated = false,
    signal,
    isTelling = () => true,
  }: {
    allowUncalibrated?: boolean | undefined;
    signal: AbortSignal;
    isTelling?: (measured: T) => boolean;
  },
): Promise<Second<T>> {
  let why = '';
  let vague: T | undefined;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    if (signal.aborted) return { why: INTERRUPTED };
    if (attempt > 1) log(`Measuring again once more, since ${why}.`);
    try {
      const measured = await measure(attempt);
      const unfit = measured.results.find((results) => !isFit(results, allowUncalibrated));
      if (unfit === undefined && isTelling(measured)) return { measured };
      if (unfit === undefined) vague = measured;
      why =
        unfit === undefined
          ? 'the machine was too busy for it to tell anything'
          : unfit.complete
            ? 'its link was not what was asked for'
            : `it did not finish (${unfit.incompleteBecause ?? 'for an unknown reason'})`;
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      why = error.message;
    }
  }
  if (vague !== undefined) return { measured: vague };
  return { why: signal.aborted ? INTERRUPTED : `${why} (tried ${TRIES} times)` };
}

/** Where a second measurement is to be kept: a second try beside what is left of the first. */
export function againFolder(folder: string, attempt: number): string {
  return attempt === 1 ? folder : `${folder}-${attempt}`;
}

/** What is measured again, and how. */
export interface SecondLook {
  /** Results that the first comparison rests on. */
  first: readonly Results[];
  /** Measures the suspects, or all, again. */
  again: (suspects: readonly string[]) => Promise<Second<{ comparison: () => Comparison }>>;
  allowUncalibrated?: boolean | undefined;
}

/**
 * Measures again what seems to have regressed, and answers the verdict after that. A first run that is not to be rested
 * on is not looked at again. Where there is no second measurement, what seemed to have regressed is `inconclusive`, with a
 * note that says why: nothing is called a regression that was seen but once.
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
  const second = await again(suspects);
  return 'why' in second
    ? unconfirmed(comparison, second.why)
    : confirm(comparison, second.measured.comparison());
}
