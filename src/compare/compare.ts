import type { Learned } from '../history/learned.ts';
import { TOLD } from '../results/rounds.ts';
import type { CellResult, Results } from '../results/schema.ts';
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
import { closeLosses, lossesOf, openLosses, type OpenLosses } from './losses.ts';
import { missing, missingInBaseline, nothingTimed } from './missing.ts';
import { negotiatedEffect } from './negotiated.ts';
import { notesOf, settingNotes } from './notes.ts';
import type { RunData } from './run-data.ts';
import { detectableMs, type Sensitivity } from './sensitivity.ts';
import { alignRounds, connectSeries, loadSeries, milestoneSeries, reconnectSeries } from './series.ts';
import type { CompareSettings } from './settings.ts';
import { throughputEffect } from './throughput.ts';
import { closeTiming, openTiming, type OpenTiming } from './timing.ts';
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
 * Timings are corrected for their number together, and losses likewise. See {@link Effect} for what is told of each.
 */
export function compareRuns(
  baseline: RunData,
  candidate: RunData,
  { paired, history, sensitivity, ...settings }: CompareOptions,
): Comparison {
  const learned = history?.learn({ baseline: baseline.results, candidate: candidate.results });
  const judges = (kind: EffectKind): boolean => settings.only?.includes(kind) ?? true;
  const after = new Map(candidate.results.cells.map((cell) => [cell.id, cell]));
  const pairs = baseline.results.cells.flatMap((cell): Pair[] => {
    const other = after.get(cell.id);
    return other === undefined ? [] : [{ baseline: cell, candidate: other }];
  });
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
      ...exact(pair, judges),
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

interface Pair {
  baseline: CellResult;
  candidate: CellResult;
}

function timings(
  pair: Pair,
  runs: {
    baseline: RunData;
    candidate: RunData;
    paired: boolean;
    sensitivity: Sensitivity | undefined;
    learned: Learned | undefined;
  },
  settings: CompareSettings,
): Pending[] {
  const judged = settings.only?.includes('timing') ?? true;
  const handshakes = [...JUDGED, ...TOLD].map((what) => ({
    what: what as string,
    judged: judged && JUDGED.some((milestone) => milestone === what),
    baseline: milestoneSeries(runs.baseline, pair.baseline, what),
    candidate: milestoneSeries(runs.candidate, pair.candidate, what),
    goodShare: { baseline: goodShare(pair.baseline), candidate: goodShare(pair.candidate) },
  }));
  const load = {
    what: 'endToEnd',
    judged,
    baseline: loadSeries(pair.baseline),
    candidate: loadSeries(pair.candidate),
    goodShare: { baseline: 1, candidate: 1 },
  };
  const failover = {
    what: 'reconnecting',
    judged,
    baseline: reconnectSeries(pair.baseline),
    candidate: reconnectSeries(pair.candidate),
    goodShare: { baseline: 1, candidate: 1 },
  };
  const fleet = {
    what: 'connecting',
    judged,
    baseline: connectSeries(pair.baseline),
    candidate: connectSeries(pair.candidate),
    goodShare: { baseline: 1, candidate: 1 },
  };
  const isTold = (what: string): boolean => TOLD.some((told) => told === what);
  const found = [...handshakes, load, failover, fleet].flatMap(
    ({ baseline, candidate, ...about }): Pending[] => {
      if (baseline === undefined || candidate === undefined) {
        if (isTold(about.what) || baseline === candidate) return [];
        const effect =
          baseline === undefined ? missingInBaseline(about.what) : missing(about.what, pair.candidate);
        return [{ effect: { ...effect, judged } }];
      }
      const aligned = runs.paired ? alignRounds(baseline, candidate) : undefined;
      const series = aligned ?? { baseline, candidate };
      const together = aligned !== undefined;
      const detectable =
        runs.sensitivity &&
        detectableMs(runs.sensitivity, {
          id: pair.candidate.id,
          what: about.what,
          rounds: Math.min(series.baseline.timesUs.length, series.candidate.timesUs.length),
          paired: together,
        });
      const learned = runs.learned?.floorOf(pair.candidate.id, about.what);
      const open = openTiming({ ...about, ...series, paired: together, learned }, settings);
      return [{ open: { ...open, detectableMs: detectable } }];
    },
  );
  const isJudged = (one: Pending): boolean => 'effect' in one || ('open' in one && !isTold(one.open.what));
  return found.some(isJudged) ? found : [...found, { effect: { ...nothingTimed(), judged } }];
}

function exact({ baseline, candidate }: Pair, judges: (kind: EffectKind) => boolean): Pending[] {
  const effects = {
    trips: JUDGED.flatMap((what) => tripsEffect(baseline, candidate, what)),
    bytes: bytesEffects(baseline, candidate),
    negotiated: negotiatedEffect(baseline, candidate),
    throughput: throughputEffect(baseline, candidate),
  };
  // What is missing is judged as what it would have been.
  return Object.entries(effects).flatMap(([kind, own]) =>
    own.map((effect) => ({ effect: { ...effect, judged: judges(kind as EffectKind) } })),
  );
}

/** Of the attempts that were good, the share that nothing disturbed. */
function goodShare({ samples }: CellResult): number {
  return samples.ok === 0 ? 1 : (samples.ok - samples.tainted) / samples.ok;
}

/** Counts all comparisons, and then gives each its verdict. */
function closer(
  judges: (kind: EffectKind) => boolean,
  all: readonly Pending[],
): (pending: readonly Pending[]) => { verdict: Verdict; effects: Effect[] } {
  const timings = all.flatMap((one) => ('open' in one && one.open.judged ? [one.open] : []));
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
