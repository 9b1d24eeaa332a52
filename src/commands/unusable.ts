import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Results } from '../results/schema.ts';
import { log } from './output.ts';

/** Whether a run finished, over links that were what was asked for all the time unless others are allowed. */
export function isFit({ complete, links }: Results, allowUncalibrated: boolean): boolean {
  return complete && (allowUncalibrated || links.every(({ calibrated }) => calibrated));
}

/** Says why a run is not to be rested on, and answers with its exit code; undefined when it is. */
export function unusable(
  results: Results,
  {
    folder,
    interrupted,
    allowUncalibrated = false,
  }: { folder: string; interrupted: boolean; allowUncalibrated?: boolean },
): ExitCode | undefined {
  if (!results.complete) {
    log(`The run did not finish: ${results.incompleteBecause ?? 'for an unknown reason'}`);
    log(`What was measured until then is in ${folder}, marked as incomplete.`);
    if (interrupted) return EXIT.interrupted;
    return results.incompleteBy === 'environment' ? EXIT.environment : EXIT.internal;
  }
  if (!isFit(results, allowUncalibrated)) {
    log(
      'A link was not what was asked for any more when the run was over; the results are saved, and marked.',
    );
    log('Give the machine a quiet moment and run again, or go on with --allow-uncalibrated.');
    return EXIT.environment;
  }
  return undefined;
}
