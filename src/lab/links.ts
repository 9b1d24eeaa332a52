import { environmentError } from '../errors.ts';
import type { OpenLink } from '../link/backend.ts';
import type { Calibration } from '../link/calibration/calibration.ts';
import { tripOf } from '../link/calibration/trip.ts';
import type { Calibrator } from '../link/calibrate.ts';
import type { Direction, LinkSpec } from '../link/spec.ts';
import { requestedSchema, type LinkResult } from '../results/link-schema.ts';
import type { RunObserver } from './observer.ts';

/** The calibrations of each link of a run by its id: before the run and, when it was not cut short, after it. */
export type Calibrations = Map<string, Calibration[]>;

/**
 * Calibrates the links of a run before it. Throws an environment error (exit code 5) when one is not what was asked
 * for, unless that is allowed; then every reader is told.
 */
export async function calibrateBefore(
  calibrator: Calibrator,
  links: readonly LinkSpec[],
  options: { seed: number; allowUncalibrated: boolean; observer: RunObserver },
): Promise<Calibrations> {
  const calibrations = await calibrator.calibrate(links, options.seed);
  for (const text of problemsOf(calibrations)) {
    if (!options.allowUncalibrated) {
      throw environmentError(
        text,
        'Give the machine a quiet moment and run again, or go on with --allow-uncalibrated: every figure is then marked.',
      );
    }
    options.observer.warn(text);
  }
  return new Map([...calibrations].map(([id, calibration]) => [id, [calibration]]));
}

/** Calibrates the links again when a run is over. What is off by now is told, and marks the run. */
export async function calibrateAfter(
  calibrator: Calibrator,
  links: readonly LinkSpec[],
  before: Calibrations,
  { seed, observer }: { seed: number; observer: RunObserver },
): Promise<Calibrations> {
  const calibrations = await calibrator.calibrate(links, seed);
  for (const text of problemsOf(calibrations)) observer.warn(`After the run: ${text}`);
  return new Map(
    [...before].map(([id, earlier]) => {
      const later = calibrations.get(id);
      return [id, later === undefined ? earlier : [...earlier, later]];
    }),
  );
}

function problemsOf(calibrations: ReadonlyMap<string, Calibration>): string[] {
  return [...calibrations].flatMap(([id, { calibrated, problem }]) =>
    calibrated ? [] : [`The link ${id} is not what was asked for: ${problem ?? 'nothing more is known'}`],
  );
}

/** What the results say of the links: asked for beside measured. */
export async function describeLinks(
  open: OpenLink,
  links: readonly LinkSpec[],
  calibrations: Calibrations,
): Promise<LinkResult[]> {
  // A link that died cannot say any more how late it was, or what crossed it.
  const lateness = await open.lateness().catch(() => undefined);
  const traffic = await open.traffic().catch(() => undefined);
  return links.flatMap((link): LinkResult[] => {
    const [before, after] = calibrations.get(link.id) ?? [];
    if (before === undefined) return [];
    const all = after === undefined ? [before] : [before, after];
    const crossed = traffic?.get(link.id);
    const { up, down } = after ?? before;
    return [
      {
        id: link.id,
        backend: open.backend,
        tcp: open.tcp,
        modelled: [...open.modelled],
        requested: requestedOf(link),
        measured: {
          upMs: up.delayMs.value,
          downMs: down.delayMs.value,
          upP99Ms: up.p99Ms,
          downP99Ms: down.p99Ms,
          count: Math.min(up.delayMs.count, down.delayMs.count),
        },
        floor: (after ?? before).floor,
        trip: tripOf(link, all),
        calibrations: { before, ...(after === undefined ? {} : { after }) },
        ...(crossed === undefined ? {} : { traffic: crossed }),
        ...(lateness === undefined ? {} : { lateness }),
        calibrated: all.every(({ calibrated }) => calibrated),
      },
    ];
  });
}

function requestedOf({ up, down }: LinkSpec): LinkResult['requested'] {
  const way = (direction: Direction, name: 'Up' | 'Down'): Record<string, unknown> => ({
    [`jitter${name}Ms`]: direction.jitterMs,
    [`loss${name}`]: direction.loss,
    [`rate${name}Kbit`]: direction.rateKbit,
    [`burstLoss${name}`]: direction.burstLoss,
    [`reorder${name}`]: direction.reorder,
    [`duplicate${name}`]: direction.duplicate,
  });
  const asked = { ...way(up, 'Up'), ...way(down, 'Down') };
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const jittery = up.jitterMs + down.jitterMs > 0;
  const distribution = jittery ? (up.jitterDistribution ?? down.jitterDistribution) : undefined;
  return requestedSchema.parse({
    upMs: up.delayMs,
    downMs: down.delayMs,
    ...(distribution === undefined ? {} : { jitterDistribution: distribution }),
    ...given,
  });
}
