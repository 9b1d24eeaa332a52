import { environmentError } from '../errors.ts';
import type { Calibration, OpenLink } from '../link/backend.ts';
import { calibrate } from '../link/calibrate.ts';
import type { LinkSpec } from '../link/spec.ts';
import type { LinkResult } from '../results/schema.ts';
import type { RunObserver } from './observer.ts';

/**
 * Calibrates the links of a run. Throws an environment error (exit code 5) when one is not what was asked for, unless
 * that is allowed; then every reader is told.
 */
export async function calibrateLinks(
  open: OpenLink,
  links: readonly LinkSpec[],
  options: { seed: number; allowUncalibrated: boolean; observer: RunObserver },
): Promise<Map<string, Calibration>> {
  const calibrations = await calibrate(open, links, { seed: options.seed });
  for (const [id, { calibrated, problem }] of calibrations) {
    if (calibrated) continue;
    const text = `The link ${id} is not what was asked for: ${problem ?? 'its delay is off'}`;
    if (!options.allowUncalibrated) {
      throw environmentError(
        text,
        'Give the machine a quiet moment and run again, or go on with --allow-uncalibrated: every figure is then marked.',
      );
    }
    options.observer.warn(text);
  }
  return calibrations;
}

/** What the results say of the links: asked for beside measured. */
export async function describeLinks(
  open: OpenLink,
  links: readonly LinkSpec[],
  calibrations: ReadonlyMap<string, Calibration>,
): Promise<LinkResult[]> {
  // A link that died cannot say any more how late it was.
  const lateness = await open.lateness().catch(() => undefined);
  return links.flatMap(({ id, up, down }) => {
    const calibration = calibrations.get(id);
    if (calibration === undefined) return [];
    return [
      {
        id,
        backend: open.backend,
        requested: {
          upMs: up.delayMs,
          downMs: down.delayMs,
          jitterUpMs: up.jitterMs,
          jitterDownMs: down.jitterMs,
          lossUp: up.loss,
          lossDown: down.loss,
          ...(up.rateKbit === undefined ? {} : { rateUpKbit: up.rateKbit }),
          ...(down.rateKbit === undefined ? {} : { rateDownKbit: down.rateKbit }),
        },
        measured: calibration.measured,
        floor: calibration.floor,
        ...(lateness === undefined ? {} : { lateness }),
        calibrated: calibration.calibrated,
      },
    ];
  });
}
