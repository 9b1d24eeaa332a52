import { compareRuns, type CompareOptions } from '../../src/compare/compare.ts';
import { comparisonSchema, type Comparison, type Effect } from '../../src/compare/comparison.ts';
import type { RunData } from '../../src/compare/run-data.ts';
import { DEFAULT_SETTINGS } from '../../src/compare/settings.ts';
import type { Milestone } from '../../src/measure/milestones.ts';
import { distributionOf } from '../../src/results/distribution.ts';
import { ROUND_MILESTONES, type RoundSeries } from '../../src/results/rounds.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { seededRandom } from '../../src/scenario/random.ts';
import { fixture, type FixtureOptions } from '../report/fixture.ts';

export interface RunOptions extends FixtureOptions {
  /** Added to every time of a cell in a round. */
  extraMs?: (cell: string, round: number) => number;
  /** Changes a cell after it was made. */
  change?: (cell: CellResult) => CellResult;
  /** Without rounds, as where rounds.ndjson was lost. */
  histogramsOnly?: boolean;
}

/** A run whose rounds and results are of the same numbers, the same for the same options. */
export function runOf({
  extraMs = () => 0,
  change = (cell) => cell,
  histogramsOnly = false,
  ...options
}: RunOptions = {}): RunData {
  const results = fixture({ modes: ['plain', 'tls12', 'tls13'], samples: 60, ...options });
  const random = seededRandom((options.seed ?? 1) + 100);
  const rounds = new Map(
    results.cells.map((cell) => {
      const count = cell.samples.attempted;
      const series = new Map<Milestone, RoundSeries>();
      for (const name of ROUND_MILESTONES) {
        const p50Ms = cell.milestones[name]?.p50Ms;
        if (p50Ms === undefined) continue;
        const timesUs = Int32Array.from({ length: count }, (_, round) =>
          Math.round(1000 * (p50Ms + random.next() + extraMs(cell.id, round))),
        );
        series.set(name, { ranges: [[0, count - 1]], timesUs });
      }
      return [cell.id, series];
    }),
  );
  const cells = results.cells.map((cell) => change(withTimes(cell, rounds.get(cell.id))));
  const changed: Results = { ...results, cells };
  return { path: 'a/run', results: changed, rounds: histogramsOnly ? undefined : rounds };
}

function withTimes(cell: CellResult, series: ReadonlyMap<Milestone, RoundSeries> | undefined): CellResult {
  const milestones = { ...cell.milestones };
  for (const [name, { timesUs }] of series ?? []) {
    const distribution = distributionOf(
      Array.from(timesUs, (us) => us / 1000),
      'measured',
    );
    if (distribution !== undefined) milestones[name] = distribution;
  }
  return { ...cell, milestones };
}

/** A comparison, checked against its own schema. */
export function compare(
  baseline: RunData,
  candidate: RunData,
  options: Partial<CompareOptions> = {},
): Comparison {
  return comparisonSchema.parse(
    compareRuns(baseline, candidate, { ...DEFAULT_SETTINGS, paired: false, ...options }),
  );
}

/** The effect of a cell that is of this kind and about this. */
export function effect(comparison: Comparison, cell: string, kind: string, what?: string): Effect {
  const found = [...comparison.cells, ...comparison.groups]
    .find(({ id }) => id.startsWith(cell))
    ?.effects.find((one) => one.kind === kind && (what === undefined || one.what === what));
  if (found === undefined) throw new Error(`no ${kind} ${what ?? ''} of ${cell}`);
  return found;
}

/** Which cells came to which verdict, by the first part of their names. */
export function verdicts({ cells }: Comparison): Record<string, string> {
  return Object.fromEntries(cells.map(({ id, verdict }) => [id.split('/').slice(0, 2).join('/'), verdict]));
}

/** A run of fleets of 500, some of whose clients are lost; `told` is what their workload tells. */
export function fleetRun(
  workload: 'storm' | 'failover',
  lost: number,
  told: Pick<CellResult, 'storm' | 'failover'>,
): RunData {
  return runOf({
    change: (cell) => ({
      ...cell,
      workload,
      milestones: {},
      service: {},
      trips: {},
      flights: [],
      negotiated: {},
      samples: { ...cell.samples, attempted: 500, ok: 500 - lost, failed: lost, tainted: 0 },
      ...told,
    }),
    histogramsOnly: true,
  });
}
