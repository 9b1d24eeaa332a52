import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { BackendName, LinkBackend } from '../link/backend.ts';
import { BACKENDS, chooseBackend, refuseAll } from '../link/backends.ts';
import { wantsOf } from '../lab/consent.ts';
import { SILENT } from '../lab/observer.ts';
import { leaveOut, togetherOf } from '../lab/sides.ts';
import { findUnbuildable, findUnsupported, textOf } from '../lab/unsupported.ts';
import { isSinglePhase, type Plan } from '../scenario/plan.ts';
import { log, print, printJson } from './output.ts';

/** What a run would do. */
interface DryRun {
  scenario: string;
  question: string;
  cells: string[];
  /** What is known without trying to be impossible here or with the backend, and why. Other runtimes are tried when the run begins. */
  leftOut: string[];
  rounds: number;
  warmupRounds: number;
  connections: number;
  seed: number;
  backend: BackendName;
  why: string;
  /** What the backend would run, where it runs commands. */
  commands: string[];
}

/**
 * `run --dry-run`: says what would be measured and over which links, and measures nothing. Each run has one plan, or
 * those of two variants that are measured together. A backend that was asked for
 * by name is described even where it does not work; standard error says so.
 */
export async function dryRun(
  runs: readonly (readonly Plan[])[],
  options: { backend: 'auto' | BackendName; json?: boolean },
): Promise<ExitCode> {
  const described: DryRun[] = [];
  for (const sides of runs) described.push(await describe(sides, options.backend));
  if (options.json === true) printJson(described.length === 1 ? described[0] : described);
  else print(described.map(pageOf).join('\n\n'));
  return EXIT.good;
}

async function describe(asked: readonly Plan[], requested: 'auto' | BackendName): Promise<DryRun> {
  const supported = leaveOut(
    asked.map((plan) => ({ plan, unsupported: [] })),
    await Promise.all(asked.map(findUnsupported)),
    SILENT,
  );
  const { backend, why } = await choose(requested, togetherOf(supported));
  const unbuildable = supported.map((side) => findUnbuildable(side.plan, backend.name));
  const sides = leaveOut(supported, await Promise.all(unbuildable), SILENT);
  const plan = togetherOf(sides);
  const { scenario } = plan;
  return {
    scenario: scenario.name,
    question: scenario.question,
    cells: plan.cells.map(({ id }) => id),
    leftOut: [
      ...new Set(
        sides.flatMap(({ unsupported }) => unsupported.map((out) => `${textOf(out)}: ${out.reason}`)),
      ),
    ],
    rounds: scenario.rounds,
    warmupRounds: scenario.warmupRounds,
    connections: connectionsOf(plan),
    seed: scenario.seed,
    backend: backend.name,
    why,
    commands: backend.explain?.(scenario.links, scenario.seed) ?? [],
  };
}

async function choose(
  requested: 'auto' | BackendName,
  plan: Plan,
): Promise<{ backend: LinkBackend; why: string }> {
  const { links } = plan.scenario;
  const named = BACKENDS.find(({ name }) => name === requested);
  if (named === undefined) return chooseBackend(requested, links, wantsOf(plan));
  refuseAll(named, links, wantsOf(plan));
  const found = await named.probe();
  if (found.available) return { backend: named, why: `asked for: ${found.detail}` };
  log(`The '${named.name}' backend does not work here: ${found.reason}\n${found.mend}`);
  return { backend: named, why: 'asked for, but it does not work here' };
}

function connectionsOf({ phases }: Plan): number {
  return phases.reduce((sum, phase) => sum + (isSinglePhase(phase) ? phase.arrivals.length : 0), 0);
}

function pageOf({ scenario, question, cells, leftOut, commands, backend, why, ...plan }: DryRun): string {
  const lines = [
    `${scenario}: ${question}`,
    plan.connections === 0
      ? `${cells.length} cells, one after another`
      : `${cells.length} cells, ${plan.rounds} rounds after ${plan.warmupRounds} to warm up, ` +
        `${plan.connections} connections in the order of seed ${plan.seed}`,
    ...cells.map((id) => `  ${id}`),
    ...leftOut.map((text) => `left out: ${text}`),
    `Links by the ${backend} backend (${why})`,
    ...commands.map((command) => `  ${command}`),
  ];
  return lines.join('\n');
}
