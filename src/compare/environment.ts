import { isDeepStrictEqual } from 'node:util';
import { mean } from 'simple-statistics';
import * as z from 'zod';
import type { LinkResult, Results } from '../results/schema.ts';
import type { EnvironmentDifference } from './comparison.ts';

/** Calibrations of one link differ by this much from run to run and mean nothing. */
const LINK_TOLERANCE = { ms: 0.3, share: 0.01 };

/** What links have beside delays, and how it is told. */
const LINK_TRAITS = {
  jitterMs: (ms: number) => `${ms.toFixed(2)} ms`,
  loss: (share: number) => `${(100 * share).toFixed(2)} %`,
  rateKbit: (kbit: number) => `${Math.round(kbit)} kbit/s`,
} as const;

/** Parts of a scenario that change what is measured, not only which cells there are. */
const SCENARIO_PARTS = ['name', 'workloads', 'rounds', 'warmupRounds'] as const;

/**
 * What differs beside the code under test: versions, machine, scenario, what brokers of one name were told, and links as asked
 * for, as made and as measured. Any of it may be the reason of a difference.
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
  const brokers = brokersOf(candidate);
  for (const before of brokersOf(baseline)) {
    const after = brokers.find(({ id }) => id === before.id);
    if (after !== undefined) compare(`broker ${before.id}`, before, after);
  }
  for (const before of baseline.links) {
    const after = candidate.links.find(({ id }) => id === before.id);
    if (after === undefined) continue;
    const link = `link ${before.id}`;
    compare(`${link}, backend`, before.backend, after.backend);
    compare(`${link}, TCP`, before.tcp, after.tcp);
    compare(`${link}, asked for,`, before.requested, after.requested);
    compare(`${link}, calibrated`, before.calibrated, after.calibrated);
    if (!measuredAlike(before, after)) compare(`${link}, measured`, measured(before), measured(after));
    for (const [trait, tell] of Object.entries(LINK_TRAITS) as [keyof typeof LINK_TRAITS, Telling][]) {
      for (const way of ['up', 'down'] as const) {
        const [was, is] = [traitOf(before, way, trait), traitOf(after, way, trait)];
        if (was !== undefined && is !== undefined && !isAlike(was, is))
          compare(`${link}, measured ${trait} ${way}`, tell(was.value), tell(is.value));
      }
    }
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

type Telling = (value: number) => string;

/** A figure of all calibrations of a link, with an interval that reaches over theirs. */
interface Measured {
  value: number;
  low: number;
  high: number;
}

/** What calibrations found of a trait; undefined where the link was not asked for it. */
function traitOf(
  { calibrations: { before, after } }: LinkResult,
  way: 'up' | 'down',
  trait: keyof typeof LINK_TRAITS,
): Measured | undefined {
  const found = [before, after].flatMap((calibration) => calibration?.[way][trait] ?? []);
  if (found.length === 0) return undefined;
  return {
    value: mean(found.map(({ value }) => value)),
    low: Math.min(...found.map(({ low }) => low)),
    high: Math.max(...found.map(({ high }) => high)),
  };
}

/** Whether both may be one and the same: their intervals overlap, or they are as good as equal. */
function isAlike(a: Measured, b: Measured): boolean {
  const overlap = a.low <= b.high && b.low <= a.high;
  return overlap || Math.abs(a.value - b.value) <= LINK_TOLERANCE.share * a.value;
}

function brokersOf({ scenario }: Results): { id: string; [setting: string]: unknown }[] {
  const parsed = z.array(z.looseObject({ id: z.string() })).safeParse(scenario['brokers']);
  return parsed.success ? parsed.data : [];
}

function measured({ trip }: LinkResult): string {
  return `${trip.upMs.toFixed(2)} ms up, ${trip.downMs.toFixed(2)} ms down`;
}

function textOf(value: unknown): string {
  if (value === undefined) return 'not told';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
