import { join } from 'node:path';
import { claimFolder, writeRun } from '../results/folder.ts';
import { SCHEMA_VERSION, type Results } from '../results/schema.ts';
import { OWN_RUNTIME, type RuntimeName } from '../runtimes/index.ts';
import { modeNamed } from '../modes/index.ts';
import type { Sample } from '../measure/sample.ts';
import { VARIANTS, type PairedPlan, type Variant } from '../scenario/paired.ts';
import type { Plan } from '../scenario/plan.ts';
import { toYaml } from '../scenario/to-yaml.ts';
import { Cleanup } from './cleanup.ts';
import { checkBrokers } from './consent.ts';
import { describeEnvironment, describeTool } from './environment.ts';
import { checkLimits } from './limits.ts';
import { measure, type Measurement } from './measurement.ts';
import type { RunOptions } from './options.ts';
import { cellsTogether, leaveOut, togetherOf, type Side } from './sides.ts';
import { summarise } from './summarise.ts';
import { findUnsupported } from './unsupported.ts';
import { warningsOf } from './warnings.ts';

/**
 * Runs a plan: makes the certificates, starts links, brokers and swarms, measures, stops everything in every case and
 * writes the run folder (all but the report's pictures). Throws a BenchError when the lab cannot be built. When a part
 * dies or the signal is aborted on the way, what was measured is saved, and the results are not `complete`.
 */
export async function run(asked: Plan, options: RunOptions): Promise<Results> {
  const [results] = await runSides([asked], [options.folder], options);
  if (results === undefined) throw new Error('A run without results');
  return results;
}

/**
 * Runs two variants in the same rounds of one lab, as {@link run} does one, and writes an ordinary run folder for each:
 * `baseline` and `candidate` below the folder. Both have all processes and links of the lab in their results.
 */
export async function runPaired(asked: PairedPlan, options: RunOptions): Promise<Record<Variant, Results>> {
  await claimFolder(options.folder);
  const folders = VARIANTS.map((variant) => join(options.folder, variant));
  const [baseline, candidate] = await runSides([asked.baseline, asked.candidate], folders, options);
  if (baseline === undefined || candidate === undefined) throw new Error('A run without results');
  return { baseline, candidate };
}

async function runSides(
  asked: readonly Plan[],
  folders: readonly string[],
  options: RunOptions,
): Promise<Results[]> {
  const cleanup = new Cleanup();
  try {
    await checkBrokers(asked, options);
    const sides = leaveOut(
      asked.map((plan) => ({ plan, unsupported: [] })),
      await Promise.all(asked.map(findUnsupported)),
      options.observer,
    );
    const { backend } = options;
    await checkLimits(togetherOf(sides), backend === 'auto' ? undefined : backend);
    for (const folder of folders) await claimFolder(folder);
    const measurement = await measure(sides, options, cleanup);
    const all: Results[] = [];
    for (const [index, side] of measurement.sides.entries()) {
      const { results, samples } = conclude(measurement, side);
      const scenarioYaml = toYaml(side.plan.scenario);
      all.push(await writeRun(folders[index] ?? '', { results, samples, scenarioYaml }));
    }
    return all;
  } finally {
    for (const problem of await cleanup.run()) options.observer.warn(`Could not clean up: ${problem}`);
  }
}

/** The results of one side, under the names that it has by itself. */
function conclude(measurement: Measurement, side: Side): { results: Results; samples: Sample[] } {
  const { evidence, startedAt, durationMs, ended, processes } = measurement;
  const { scenario } = side.plan;
  const together = cellsTogether(measurement.sides, side, measurement.plan);
  const names = new Map(together.map(({ id }, position) => [id, side.plan.cells[position]?.id ?? id]));
  const samples = measurement.samples.flatMap((sample) => {
    const cell = names.get(sample.cell);
    return cell === undefined ? [] : [{ ...sample, cell }];
  });
  const cells = side.plan.cells.map((cell, position) => ({
    ...cell,
    index: together[position]?.index ?? cell.index,
  }));
  const linkNames = new Map(
    together.flatMap(({ link, topology: { innerLink } }, position) => {
      const own = side.plan.cells[position];
      const inner = own?.topology.innerLink;
      return [
        ...(innerLink === undefined || inner === undefined ? [] : [[innerLink.id, inner.id] as const]),
        [link.id, own?.link.id ?? link.id] as const,
      ];
    }),
  );
  const links = measurement.links.flatMap((link) => {
    const id = linkNames.get(link.id);
    return id === undefined ? [] : [{ ...link, id }];
  });
  const summary = summarise({ ...measurement, cells, samples, links, seed: scenario.seed });
  return {
    samples,
    results: {
      schemaVersion: SCHEMA_VERSION,
      tool: describeTool(),
      startedAt: startedAt.toISOString(),
      durationMs,
      complete: ended === undefined,
      ...(ended === undefined ? {} : { incompleteBecause: ended.because, incompleteBy: ended.by }),
      seed: scenario.seed,
      environment: { ...describeEnvironment(), ...versionsOf(measurement, together) },
      scenario: { ...scenario },
      links,
      unsupported: side.unsupported,
      ...summary,
      processes,
      warnings: warningsOf(summary.cells, evidence),
    },
  };
}

/** What the brokers and clients of some cells say that they are. */
function versionsOf(
  { brokerVersions, clientRuntimes }: Measurement,
  cells: Plan['cells'],
): Record<'broker' | 'clientRuntimes', string> {
  const runtimes = new Set<RuntimeName>([
    ...cells.map(({ mode }) => modeNamed(mode).clientRuntime),
    // The subscribers.
    OWN_RUNTIME,
  ]);
  const texts = (all: Iterable<string | undefined>): string =>
    [...new Set(all)].filter((text) => text !== undefined).join('; ');
  return {
    broker: texts(cells.map(({ broker }) => brokerVersions.get(broker.id))),
    clientRuntimes: texts([...runtimes].map((runtime) => clientRuntimes.get(runtime))),
  };
}
