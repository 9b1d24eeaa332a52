import { readFile } from 'node:fs/promises';
import { environmentError, type BenchError } from '../errors.ts';
import type { BackendName } from '../link/backend.ts';
import { tripsTo } from '../model/theory.ts';
import { modeNamed } from '../modes/index.ts';
import { isSinglePhase, type Cell, type Phase, type Plan } from '../scenario/plan.ts';
import { DIRECT } from '../topology/direct.ts';
import { counted } from '../words.ts';
import { fleetPhaseOf } from './phases/index.ts';
import { maySpread, portCount } from './sources.ts';

/** Files that a process has open beside its connections. */
const OWN_FILES = 64;
/** Compute and closing, on top of what the link takes. */
const MARGIN_MS = 1000;

/**
 * Throws an environment error (exit code 5) when a run would need more than this machine lets it have: open files in one
 * process, ports to dial from, or memory. `backend` is what makes the links; where that is not known yet, the least is
 * asked for.
 */
export async function checkLimits(plan: Plan, backend?: BackendName): Promise<void> {
  const problems = [
    fileProblem(plan, backend, await fileLimit()),
    portProblem(plan, backend, await portCount()),
    memoryProblem(plan, await availableBytes()),
  ];
  const first = problems.find((problem) => problem !== undefined);
  if (first !== undefined) throw first;
}

/** What is wrong with a plan where a process may have so many open files. */
export function fileProblem(
  plan: Plan,
  backend: BackendName | undefined,
  limit: number | undefined,
): BenchError | undefined {
  const needed = OWN_FILES + Math.ceil(Math.max(...plan.phases.map((phase) => filesOf(phase, backend))));
  if (limit === undefined || needed <= limit) return undefined;
  return environmentError(
    `The run needs about ${needed} open files in one process, the limit is ${limit}`,
    `Raise it in this shell with \`ulimit -n ${needed}\`, or ask for fewer \`clients\` or a lower rate.`,
  );
}

/** What is wrong with a plan where so many ports are given to those who dial from one address. */
export function portProblem(
  plan: Plan,
  backend: BackendName | undefined,
  ports: number | undefined,
): BenchError | undefined {
  if (backend === undefined || ports === undefined) return undefined;
  for (const cell of plan.phases.flatMap(({ cells }) => cells)) {
    const clients = fleetSize(cell);
    if (clients <= ports || maySpread(cell, backend)) continue;
    return environmentError(
      `${cell.id} needs ${counted(clients, 'port')} to dial from, and over '${backend}' they have one address, which has ${ports}`,
      'Ask for fewer `clients`, or run it over bare loopback: links: [null], `--backend none`; there they have many addresses.',
    );
  }
  return undefined;
}

/** What a client and its end at the broker take at most, with room to spare over what `hold` has shown of mosquitto. */
const BYTES_OF_CLIENT = { plain: 60_000, tls: 200_000 };
/** Of what is available the rest is for the machine's own. */
const USABLE_SHARE = 0.9;

/** What is wrong with a plan where so much memory is available. */
export function memoryProblem(plan: Plan, available: number | undefined): BenchError | undefined {
  if (available === undefined) return undefined;
  for (const cell of plan.phases.flatMap(({ cells }) => cells)) {
    const clients = fleetSize(cell);
    const perClient =
      modeNamed(cell.mode).security === undefined ? BYTES_OF_CLIENT.plain : BYTES_OF_CLIENT.tls;
    const needed = clients * perClient;
    if (needed <= available * USABLE_SHARE) continue;
    return environmentError(
      `${cell.id} takes about ${gigabytes(needed)} for ${counted(clients, 'client')} and their broker, ${gigabytes(available)} are available`,
      'Ask for fewer `clients`, or end what else uses memory.',
    );
  }
  return undefined;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** The hard limit of open files, to which Node raises its own; undefined where the system does not tell. */
export async function fileLimit(): Promise<number | undefined> {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(await textOf('/proc/self/limits'))?.[1];
  return hard === undefined || hard === 'unlimited' ? undefined : Number(hard);
}

/**
 * Memory that can be had without swapping (proc(5), MemAvailable), and in a container no more than all that it may have;
 * undefined where the system does not tell. What a container has left is not asked: its cache of files counts as taken.
 */
async function availableBytes(): Promise<number | undefined> {
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(await textOf('/proc/meminfo'))?.[1];
  if (kilobytes === undefined) return undefined;
  return Math.min(Number(kilobytes) * 1024, process.constrainedMemory() || Infinity);
}

/** Nothing where there is no such file. */
function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** Clients of a cell that are connected at one time; 0 where its cells are run together. */
function fleetSize({ workload }: Cell): number {
  return fleetPhaseOf(workload.kind)?.openAtOnce(workload) ?? 0;
}

/** Open files of the process that has the most: an emulator in userland, or a hop, holds two for each connection, a broker one. */
function filesOf(phase: Phase, backend: BackendName | undefined): number {
  if (!isSinglePhase(phase)) {
    const isAlone = (cell: Cell): boolean => backend !== 'proxy' && cell.topology.name === DIRECT.name;
    return Math.max(0, ...phase.cells.map((cell) => (isAlone(cell) ? 1 : 2) * fleetSize(cell)));
  }
  const longestMs = Math.max(
    ...phase.cells.map(({ mode, link }) => {
      const trips = (tripsTo(modeNamed(mode).theory, 'pubcompReceived') ?? 0) + 2;
      return trips * Math.max(link.up.delayMs, link.down.delayMs) + MARGIN_MS;
    }),
  );
  return 2 * (phase.cells.length + (phase.workload.connectionsPerSecond * longestMs) / 1000);
}
