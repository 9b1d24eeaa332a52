import { rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompareOptions } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import { suspectsLosses, tellsNothing } from '../compare/confirm.ts';
import { comparePaired } from '../compare/paired.ts';
import { readRun, type RunData } from '../compare/run-data.ts';
import { usageError } from '../errors.ts';
import { runPaired } from '../lab/run.ts';
import type { BackendName } from '../link/backend.ts';
import { judgementMarkdown } from '../report/comparison/markdown.ts';
import type { Results } from '../results/schema.ts';
import { loadScenario } from '../scenario/load.ts';
import { makePairedPlan, VARIANTS, type PairedPlan, type Variant } from '../scenario/paired.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isSingleWorkload } from '../swarm/workloads/settings/single.ts';
import { drawReport } from './draw-report.ts';
import { displayOn } from './progress.ts';
import { againFolder, lookAgain, measureAgain } from './second-look.ts';

/** Options of `run` and `gate` that name the baseline of a paired run. */
export interface AgainstOptions {
  against?: string;
  againstSet?: string[];
  confirm: boolean;
}

export interface PairedOptions {
  backend: 'auto' | BackendName;
  allowUncalibrated?: boolean;
  targetIsMine?: boolean;
  /** Measure again what seems to have regressed. */
  confirm: boolean;
}

/** Whether a baseline is to be measured beside the scenario. */
export function isPaired({ against, againstSet }: Pick<AgainstOptions, 'against' | 'againstSet'>): boolean {
  return against !== undefined || againstSet !== undefined;
}

/**
 * Loads both variants: the candidate is the scenario, the baseline `--against` or else the same one; `--set` changes
 * both, `--against-set` then the baseline alone.
 */
export async function loadVariants(
  paths: readonly string[],
  set: readonly string[],
  { against, againstSet = [] }: Pick<AgainstOptions, 'against' | 'againstSet'>,
): Promise<Record<Variant, Scenario>> {
  const [path = '', ...more] = paths;
  if (more.length > 0) {
    throw usageError(
      `--against is for one scenario, got ${paths.length}`,
      'Name the candidate alone; the baseline follows from --against and --against-set.',
    );
  }
  const candidate = await loadScenario(path, { set });
  const baseline = await loadScenario(against ?? path, { set: [...set, ...againstSet] });
  return { baseline, candidate };
}

/** A paired run that was measured, compared and written. */
export interface PairedRun {
  /** The first measurement. */
  baseline: RunData;
  candidate: RunData;
  /** Of both. */
  results: Results[];
  comparison: Comparison;
}

/**
 * Measures two variants in the same rounds, compares them, measures again what seems to have regressed, and writes
 * `baseline`, `candidate`, `confirmation`, comparison.json and comparison.md into the folder. `planOf` lays both out.
 */
export async function runAgainst(
  variants: Record<Variant, Scenario>,
  folder: string,
  settings: Omit<CompareOptions, 'paired'>,
  options: PairedOptions,
  signal: AbortSignal,
  planOf = makePairedPlan,
): Promise<PairedRun> {
  const plan = planOf(variants.baseline, variants.candidate);
  const first = await measurePaired(plan, folder, options, signal);
  const results = [first.baseline.results, first.candidate.results];
  const once = withLost(comparePaired(first.baseline, first.candidate, settings), plan, first);
  const { allowUncalibrated } = options;
  const comparison = options.confirm
    ? await lookAgain(once, {
        first: results,
        allowUncalibrated,
        again: (suspects) => {
          const rounds = suspectsLosses(once) ? MORE_FOR_LOSSES : 1;
          const again = planAgain(variants, first, { suspects, rounds }, planOf);
          const place = join(folder, 'confirmation');
          return measureAgain(
            async (attempt) => {
              const second = await measurePaired(again, againFolder(place, attempt), options, signal);
              return {
                results: [second.baseline.results, second.candidate.results],
                comparison: () => comparePaired(second.baseline, second.candidate, settings),
              };
            },
            { allowUncalibrated, signal, isTelling: ({ comparison }) => !tellsNothing(once, comparison()) },
          );
        },
      })
    : once;
  await writeFile(join(folder, 'comparison.json'), `${JSON.stringify(comparison, null, 2)}\n`);
  await writeFile(
    join(folder, 'comparison.md'),
    judgementMarkdown({ candidate: first.candidate.results, comparison }),
  );
  return { ...first, results, comparison };
}

/**
 * What the candidate cannot do here and the baseline could, such as a mode that its broker no longer serves, is left out of
 * both: nothing of it was measured. As between two runs, it is missing in the candidate, which fails.
 */
function withLost(
  comparison: Comparison,
  plan: PairedPlan,
  { baseline }: Record<Variant, RunData>,
): Comparison {
  const outs = baseline.results.unsupported.filter(({ forPartner }) => forPartner);
  const lost = plan.baseline.cells.flatMap(({ mode, broker, topology, workloadId }, position) =>
    outs.some(
      (out) =>
        out.mode === mode &&
        (out.broker ?? broker.id) === broker.id &&
        (out.topology ?? topology.id) === topology.id &&
        (out.workload ?? workloadId) === workloadId,
    )
      ? (plan.candidate.cells[position]?.id ?? [])
      : [],
  );
  if (lost.length === 0) return comparison;
  const { inCandidate, inBaseline } = comparison.missing;
  return {
    ...comparison,
    verdict: 'regressed',
    missing: { inCandidate: [...inCandidate, ...lost], inBaseline },
    notes: [...comparison.notes, ...outs.map(({ mode, reason }) => `${mode} was left out: ${reason}`)],
  };
}

/**
 * The suspects and their partners alone, in another order. With fewer cells in a round a cell's turn comes more often;
 * the rate is lowered so that it comes no more than four times as often as it did, far below saturation still.
 */
function planAgain(
  variants: Record<Variant, Scenario>,
  { baseline, candidate }: Record<Variant, RunData>,
  { suspects, rounds }: { suspects: readonly string[]; rounds: number },
  planOf: typeof makePairedPlan,
): PairedPlan {
  const all = candidate.results.cells;
  const partners = all.flatMap(({ id }, position) =>
    suspects.includes(id) ? (baseline.results.cells[position]?.id ?? []) : [],
  );
  const share = Math.min(1, (MOST_OFTEN * suspects.length) / all.length);
  const changed = (scenario: Scenario): Scenario => ({
    ...scenario,
    seed: otherSeed(scenario.seed),
    rounds: Math.ceil(scenario.rounds * rounds),
    workloads: scenario.workloads.map((workload) =>
      isSingleWorkload(workload)
        ? { ...workload, connectionsPerSecond: workload.connectionsPerSecond * share }
        : workload,
    ),
  });
  return planOf(changed(variants.baseline), changed(variants.candidate), {
    baseline: new Set(partners),
    candidate: new Set(suspects),
  });
}

const MOST_OFTEN = 4;

/**
 * Losses are counts of rare events. Where 4 of 200 are to be expected and 3 are needed beside none of 400, a second
 * measurement of the same size misses every fourth regression, and one of twice the size one in seventy (Poisson).
 */
const MORE_FOR_LOSSES = 2;

/** The seed of a second measurement: the same for the same first one. */
export function otherSeed(seed: number): number {
  return (seed + 1_000_003) % 2 ** 31;
}

async function measurePaired(
  plan: PairedPlan,
  folder: string,
  { backend, allowUncalibrated = false, targetIsMine = false }: PairedOptions,
  signal: AbortSignal,
): Promise<Record<Variant, RunData>> {
  const display = displayOn(process.stderr);
  try {
    const results = await runPaired(plan, {
      backend,
      allowUncalibrated,
      targetIsMine,
      folder,
      observer: display,
      signal,
    });
    display.end('done');
    for (const variant of VARIANTS) await drawReport(results[variant], join(folder, variant));
  } catch (error) {
    display.end('failed');
    // Nothing was measured: an empty run folder would only be in the way of the next run.
    for (const empty of [...VARIANTS.map((variant) => join(folder, variant)), folder])
      await rmdir(empty).catch(() => {});
    throw error;
  }
  return {
    baseline: await readRun(join(folder, 'baseline')),
    candidate: await readRun(join(folder, 'candidate')),
  };
}
