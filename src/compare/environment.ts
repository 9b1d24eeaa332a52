import { isDeepStrictEqual } from 'node:util';
import type { LinkResult, Results } from '../results/schema.ts';
import type { EnvironmentDifference } from './comparison.ts';

/** Calibrations of one link differ by this much from run to run and mean nothing. */
const LINK_TOLERANCE = { ms: 0.3, share: 0.01 };

/** Parts of a scenario that change what is measured, not only which cells there are. */
const SCENARIO_PARTS = ['name', 'workloads', 'rounds', 'warmupRounds'] as const;

/**
 * What differs beside the code under test: versions, machine, scenario, and links as asked for, as made and as measured.
 * Any of it may be the reason of a difference.
 */
export function environmentDifferences(baseline: Results, candidate: Results): EnvironmentDifference[] {
  const found: EnvironmentDifference[] = [];
  const compare = (what: string, before: unknown, after: unknown): void => {
    if (isDeepStrictEqual(before, after)) return;
    if (!isCollection(before) || !isCollection(after)) {
      found.push({ what, baseline: textOf(before), candidate: textOf(after) });
      return;
    }
    // Of two mappings or lists only what differs in them.
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(`${what} ${key}`, before[key], after[key]);
    }
  };
  compare('tool', baseline.tool.version, candidate.tool.version);
  for (const key of new Set([...Object.keys(baseline.environment), ...Object.keys(candidate.environment)])) {
    compare(key, baseline.environment[key], candidate.environment[key]);
  }
  for (const part of SCENARIO_PARTS)
    compare(`scenario ${part}`, baseline.scenario[part], candidate.scenario[part]);
  for (const before of baseline.links) {
    const after = candidate.links.find(({ id }) => id === before.id);
    if (after === undefined) continue;
    const link = `link ${before.id}`;
    compare(`${link}, backend`, before.backend, after.backend);
    compare(`${link}, TCP`, before.tcp, after.tcp);
    compare(`${link}, asked for,`, before.requested, after.requested);
    compare(`${link}, calibrated`, before.calibrated, after.calibrated);
    if (!measuredAlike(before, after)) compare(`${link}, measured`, measured(before), measured(after));
  }
  return found;
}

function isCollection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function measuredAlike({ trip: before }: LinkResult, { trip: after }: LinkResult): boolean {
  return (['upMs', 'downMs'] as const).every(
    (way) =>
      Math.abs(before[way] - after[way]) <= Math.max(LINK_TOLERANCE.ms, LINK_TOLERANCE.share * before[way]),
  );
}

function measured({ trip }: LinkResult): string {
  return `${trip.upMs.toFixed(2)} ms up, ${trip.downMs.toFixed(2)} ms down`;
}

function textOf(value: unknown): string {
  if (value === undefined) return 'not told';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
