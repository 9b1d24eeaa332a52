import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Results } from '../results/schema.ts';
import { log } from './output.ts';

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
    return interrupted ? EXIT.interrupted : EXIT.internal;
  }
  if (!allowUncalibrated && results.links.some(({ calibrated }) => !calibrated)) {
    log(
      'A link was not what was asked for any more when the run was over; the results are saved, and marked.',
    );
    log('Give the machine a quiet moment and run again, or go on with --allow-uncalibrated.');
    return EXIT.environment;
  }
  return undefined;
}
