import type { Learned } from '../history/learned.ts';
import type { Results } from '../results/schema.ts';
import { JUDGED } from '../results/trips.ts';
import { adjustForMany } from '../stats/false-discovery.ts';
import { VERDICTS, worstOf, type Verdict } from '../stats/verdict.ts';
import { bytesEffects } from './bytes.ts';
import {
  COMPARISON_VERSION,
  type ComparedRun,
  type Comparison,
  type Effect,
  type EffectKind,
} from './comparison.ts';
import { environmentDifferences } from './environment.ts';
import { eventNotes } from './events.ts';
import { closeLosses, lossesOf, openLosses, type OpenLosses } from './losses.ts';
import { negotiatedEffect } from './negotiated.ts';
import { notesOf, settingNotes } from './notes.ts';
import { nullTwinsOf, type NullTwin } from './null-twin.ts';
import type { RunData } from './run-data.ts';
import { checkSameMachine, type Sensitivity } from './sensitivity.ts';
import type { CompareSettings } from './settings.ts';
import { throughputEffect } from './throughput.ts';
import { closeTiming, distrustOf, type OpenTiming } from './timing.ts';
import { timings, type Pair } from './timings.ts';
import { tripsEffect } from './trips.ts';

export interface CompareOptions extends CompareSettings {
  /** Both were measured in the same rounds of one run, so that equal round numbers are a moment apart. */
  paired: boolean;
  /** What past runs teach of the floors, and where they are from. */
  history?: { file: string; learn: (runs: Record<'baseline' | 'candidate', Results>) => Learned } | undefined;
  /** What the machine can detect, where an A/A run says so. */
  sensitivity?: Sensitivity | undefined;
}

/** An effect, or one whose verdict waits until all are counted. */
type Pending = { open: OpenTiming } | { losses: OpenLosses } | { effect: Effect };

/**
 * Holds a candidate against a baseline, cell by cell: times, trips, bytes, negotiated parameters, losses and throughput.
 * Timings are corrected for their number together, and losses likewise. See {@link Effect} for what is told of each. Throws a
 * usage error where what is said to be detectable was measured on another machine or another kind of link.
 */
export function compareRuns(
  baseline: RunData,
  candidate: RunData,
  { paired, history, sensitivity, ...settings }: CompareOptions,
): Comparison {
  if (sensitivity !== undefined) checkSameMachine(sensitivity, [baseline, candidate]);
  const learned = history?.learn({ baseline: baseline.results, candidate: candidate.results });
  const judges = (kind: EffectKind): boolean => settings.only?.includes(kind) ?? true;
  const after = new Map(candidate.results.cells.map((cell) => [cell.id, cell]));
  const pairs = baseline.results.cells.flatMap((cell): Pair[] => {
    const other = after.get(cell.id);
    return other === undefined ? [] : [{ baseline: cell, candidate: other }];
  });
  const twins = {
    baseline: baseline.twins ?? nullTwinsOf(baseline.results),
    candidate: candidate.twins ?? nullTwinsOf(candidate.results),
  };
  const groups = Map.groupBy(pairs, ({ baseline: { link, broker, topology, workload } }) =>
    [link, broker, topology, workload].join('/'),
  );
  const groupLosses = new Map(
    [...groups.values()].flatMap((group) => {
      const losses = lossesOf(group.map((pair) => pair.baseline));
      return group.map((pair) => [pair.baseline.id, losses] as const);
    }),
  );
  const pendingCells = pairs.map((pair) => ({
    pair,
    pending: [
      ...timings(pair, { baseline, candidate, paired, sensitivity, learned }, settings),
      ...exact(pair, twins, settings, judges),
      {
        losses: openLosses(
          lossesOf([pair.baseline]),
          lossesOf([pair.candidate]),
          groupLosses.get(pair.baseline.id),
        ),
      },
    ],
  }));
  const pendingGroups = [...groups].map(([id, group]) => ({
    id,
    pending: [
      {
        losses: openLosses(
          lossesOf(group.map((pair) => pair.baseline)),
          lossesOf(group.map((pair) => pair.candidate)),
        ),
      },
    ],
  }));
  const close = closer(
    judges,
    [...pendingCells, ...pendingGroups].flatMap(({ pending }): Pending[] => pending),
  );
  const cells = pendingCells.map(({ pair: { baseline: cell }, pending }) => ({
    id: cell.id,
    mode: cell.mode,
    link: cell.link,
    ...close(pending),
  }));
  const groupResults = pendingGroups.map(({ id, pending }) => ({ id, ...close(pending) }));
  const known = new Set(baseline.results.cells.map(({ id }) => id));
  const missingCells = {
    inCandidate: [...known].filter((id) => !after.has(id)),
    inBaseline: [...after.keys()].filter((id) => !known.has(id)),
  };
  const complete = [baseline, candidate].every(({ results }) => results.complete);
  return {
    comparisonVersion: COMPARISON_VERSION,
    tool: candidate.results.tool,
    settings: {
      minEffectMs: settings.minEffectMs,
      minEffectPercent: settings.minEffectPercent,
      ...(settings.only === undefined ? {} : { only: [...settings.only] }),
      ...(history === undefined ? {} : { history: history.file }),
    },
    baseline: describeRun(baseline),
    candidate: describeRun(candidate),
    verdict: verdictOfAll({ cells, groups: groupResults, missing: missingCells }, complete),
    counts: countVerdicts(cells),
    notes: [
      ...notesOf(baseline, candidate),
      ...settingNotes(
        cells.map(({ id }) => id),
        settings,
        history && learned && { file: history.file, learned },
      ),
      ...eventNotes(cells, settings),
    ],
    environment: environmentDifferences(baseline.results, candidate.results),
    missing: missingCells,
    groups: groupResults,
    cells,
  };
}

/** How many cells came to which verdict. */
export function countVerdicts(cells: Comparison['cells']): Comparison['counts'] {
  const entries = VERDICTS.map((verdict) => [
    verdict,
    cells.filter((cell) => cell.verdict === verdict).length,
  ]);
  return Object.fromEntries(entries) as Comparison['counts'];
}

/** The verdict of a whole comparison. */
export function verdictOfAll(
  { cells, groups, missing }: Pick<Comparison, 'cells' | 'groups' | 'missing'>,
  complete: boolean,
): Verdict {
  return worstOf([
    ...[...cells, ...groups].map(({ verdict }) => verdict),
    ...(missing.inCandidate.length > 0 ? (['regressed'] as const) : []),
    ...(complete && cells.some(isAnyJudged) ? [] : (['inconclusive'] as const)),
  ]);
}

function isAnyJudged({ effects }: Pick<Comparison['cells'][number], 'effects'>): boolean {
  return effects.some(({ judged }) => judged);
}

function exact(
  { baseline, candidate }: Pair,
  twins: Record<'baseline' | 'candidate', ReadonlyMap<string, NullTwin>>,
  settings: CompareSettings,
  judges: (kind: EffectKind) => boolean,
): Pending[] {
  const inferred = {
    baseline: { cell: baseline, twin: twins.baseline.get(baseline.id) },
    candidate: { cell: candidate, twin: twins.candidate.get(candidate.id) },
  };
  const effects = {
    trips: JUDGED.flatMap((what) => tripsEffect(inferred.baseline, inferred.candidate, what, settings)),
    bytes: bytesEffects(baseline, candidate),
    negotiated: negotiatedEffect(baseline, candidate),
    throughput: throughputEffect(baseline, candidate),
  };
  // What is missing is judged as what it would have been.
  return Object.entries(effects).flatMap(([kind, own]) =>
    own.map((effect) => ({ effect: { ...effect, judged: judges(kind as EffectKind) } })),
  );
}

/** Counts all comparisons, and then gives each its verdict. */
function closer(
  judges: (kind: EffectKind) => boolean,
  all: readonly Pending[],
): (pending: readonly Pending[]) => { verdict: Verdict; effects: Effect[] } {
  // What is too disturbed to be judged comes to no finding, and so makes none of the others less sure.
  const timings = all.flatMap((one) =>
    'open' in one && one.open.judged && distrustOf(one.open) === undefined ? [one.open] : [],
  );
  const losses = all.flatMap((one) => ('losses' in one ? [one.losses] : []));
  const adjusted = new Map<OpenTiming | OpenLosses, OpenTiming['p']>([...adjust(timings), ...adjust(losses)]);
  // What is not judged is in no family; it is told with its own p-values.
  const pOf = (open: OpenTiming | OpenLosses): OpenTiming['p'] => adjusted.get(open) ?? open.p;
  return (pending) => {
    const effects = pending.map((one) => {
      if ('open' in one) return closeTiming(one.open, pOf(one.open));
      if (!('losses' in one)) return one.effect;
      return { ...closeLosses(one.losses, pOf(one.losses)), judged: judges('losses') };
    });
    const judged = effects.filter((effect) => effect.judged);
    return { verdict: worstOf(judged.map(({ verdict }) => verdict)), effects };
  };
}

function adjust<T extends OpenTiming | OpenLosses>(family: readonly T[]): [T, OpenTiming['p']][] {
  const worse = adjustForMany(family.map(({ p }) => p.worse));
  const better = adjustForMany(family.map(({ p }) => p.better));
  return family.map((one, index) => [one, { worse: worse[index] ?? 1, better: better[index] ?? 1 }]);
}

/** A run as documents name it. */
export function describeRun({ path, results }: RunData): ComparedRun {
  const { scenario, startedAt, seed, complete }: Results = results;
  return { path, scenario: scenario.name, startedAt, seed, complete };
}
