import type { Results } from '../../src/results/schema.ts';
import { linesOf } from '../../src/results/slopes.ts';
import { JUDGED } from '../../src/results/trips.ts';

/** Intervals as a run has them, of the milestones that are judged. */
export function withIntervals(slopes: Results['slopes']): Results['slopes'] {
  return slopes.map((slope) => {
    const { milestone, trips, interceptMs } = slope;
    if (!JUDGED.some((judged) => judged === milestone)) return slope;
    const around = { tripsLow: trips - 0.01, tripsHigh: trips + 0.02 };
    return { ...slope, ...around, interceptLowMs: interceptMs - 0.1, interceptHighMs: interceptMs + 0.2 };
  });
}

/** Verdicts on what the slopes say; nothing was attempted that could have a reason. */
export function inferencesOf(slopes: Results['slopes']): Results['inferences'] {
  const judged = withIntervals(slopes).filter(({ tripsLow }) => tripsLow !== undefined);
  return linesOf(judged.map((slope) => ({ ...slope, workload: slope.workload ?? '' }))).flatMap((line) => {
    const [first] = line;
    if (first === undefined) return [];
    const { mode, broker, topology, workload } = first;
    const estimates = line.map(({ milestone, predicted, delays, ...slope }) => ({
      milestone,
      theory: predicted,
      trips: slope.trips,
      tripsLow: slope.tripsLow,
      tripsHigh: slope.tripsHigh,
      interceptMs: slope.interceptMs,
      interceptLowMs: slope.interceptLowMs,
      interceptHighMs: slope.interceptHighMs,
      from: delays === 2 ? { kind: 'null-link' as const, link: 'null' } : { kind: 'slope' as const, delays },
      attempts: 200 * delays,
      excluded: 0,
      verdict: 'agrees' as const,
    }));
    return [{ mode, broker, topology, workload, verdict: 'agrees' as const, estimates, reasons: [] }];
  });
}
