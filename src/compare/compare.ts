import { FIRST_DATA, type Milestone } from '../measure/milestones.ts';
import type { CellResult, Results } from '../results/schema.ts';
import { adjustForMany } from '../stats/false-discovery.ts';
import { VERDICTS, worstOf, type Verdict } from '../stats/verdict.ts';
import { bytesEffects } from './bytes.ts';
import { COMPARISON_VERSION, type ComparedRun, type Comparison, type Effect } from './comparison.ts';
import { environmentDifferences } from './environment.ts';
import { closeLosses, lossesOf, openLosses, type OpenLosses } from './losses.ts';
import { missing } from './missing.ts';
import { negotiatedEffect } from './negotiated.ts';
import { notesOf } from './notes.ts';
import type { RunData } from './run-data.ts';
import { detectableMs, type Sensitivity } from './sensitivity.ts';
import { alignRounds, loadSeries, milestoneSeries } from './series.ts';
import type { CompareSettings } from './settings.ts';
import { throughputEffect } from './throughput.ts';
import { closeTiming, openTiming, type OpenTiming } from './timing.ts';
import { tripsEffect } from './trips.ts';

/**
 * Milestones that are judged: first data (where clients are to be refused, when they learn it), and CONNACK, where
 * costs go that first data does not see. All others would only make more comparisons to correct for.
 */
const JUDGED: readonly Milestone[] = [FIRST_DATA, 'refused', 'connackReceived'];
const TOLD: readonly Milestone[] = ['publishReceived', 'delivered'];

export interface CompareOptions extends CompareSettings {
  /** Both were measured in the same rounds of one run, so that equal round numbers are a moment apart. */
  paired: boolean;
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
  { paired, sensitivity, ...settings }: CompareOptions,
): Comparison {
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
      ...timings(pair, { baseline, candidate, paired, sensitivity }, settings),
      ...exact(pair),
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
  const close = closer([...pendingCells, ...pendingGroups].flatMap(({ pending }): Pending[] => pending));
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
    settings,
    baseline: describeRun(baseline),
    candidate: describeRun(candidate),
    verdict: verdictOfAll({ cells, groups: groupResults, missing: missingCells }, complete),
    counts: countVerdicts(cells),
    notes: notesOf(baseline, candidate),
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
    ...(!complete || cells.length === 0 ? (['inconclusive'] as const) : []),
  ]);
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
  },
  settings: CompareSettings,
): Pending[] {
  const handshakes = [...JUDGED, ...TOLD].map((what) => ({
    what: what as string,
    judged: JUDGED.includes(what),
    baseline: milestoneSeries(runs.baseline, pair.baseline, what),
    candidate: milestoneSeries(runs.candidate, pair.candidate, what),
    goodShare: { baseline: goodShare(pair.baseline), candidate: goodShare(pair.candidate) },
  }));
  const load = {
    what: 'endToEnd',
    judged: true,
    baseline: loadSeries(pair.baseline),
    candidate: loadSeries(pair.candidate),
    goodShare: { baseline: 1, candidate: 1 },
  };
  return [...handshakes, load].flatMap(({ baseline, candidate, ...about }): Pending[] => {
    if (baseline === undefined) return [];
    if (candidate === undefined) {
      return about.judged ? [{ effect: missing(about.what, pair.candidate) }] : [];
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
    const open = openTiming({ ...about, ...series, paired: together }, settings);
    return [{ open: { ...open, detectableMs: detectable } }];
  });
}

function exact({ baseline, candidate }: Pair): Pending[] {
  const effects = [
    ...JUDGED.flatMap((what) => tripsEffect(baseline, candidate, what)),
    ...bytesEffects(baseline, candidate),
    ...negotiatedEffect(baseline, candidate),
    ...throughputEffect(baseline, candidate),
  ];
  return effects.map((effect) => ({ effect }));
}

/** Of the attempts that were good, the share that nothing disturbed. */
function goodShare({ samples }: CellResult): number {
  return samples.ok === 0 ? 1 : (samples.ok - samples.tainted) / samples.ok;
}

/** Counts all comparisons, and then gives each its verdict. */
function closer(
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
      return 'losses' in one ? closeLosses(one.losses, pOf(one.losses)) : one.effect;
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
