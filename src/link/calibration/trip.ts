import { mean } from 'simple-statistics';
import * as z from 'zod';
import type { LinkSpec } from '../spec.ts';
import type { Calibration } from './calibration.ts';

/** What one trip counts in predictions. */
export const tripSchema = z.strictObject({
  upMs: z.number(),
  downMs: z.number(),
  /**
   * Measured by calibration. Where the delay drifts too much for a short measurement, what was asked for, which
   * calibration did not contradict, and the floor.
   */
  source: z.enum(['measured', 'asked']),
});
export type Trip = z.infer<typeof tripSchema>;

/** The one-way delays to multiply trips with, from the calibrations of one link, of which there is at least one. */
export function tripOf(link: LinkSpec, calibrations: readonly Calibration[]): Trip {
  const average = (valueOf: (calibration: Calibration) => number): number => mean(calibrations.map(valueOf));
  if (link.up.jitterMs > 0 || link.down.jitterMs > 0) {
    return {
      upMs: link.up.delayMs + average(({ floor }) => floor.upMs),
      downMs: link.down.delayMs + average(({ floor }) => floor.downMs),
      source: 'asked',
    };
  }
  return {
    upMs: average(({ up }) => up.delayMs.value),
    downMs: average(({ down }) => down.delayMs.value),
    source: 'measured',
  };
}
