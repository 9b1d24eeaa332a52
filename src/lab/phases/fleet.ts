import type { RunningBroker } from '../../broker/broker.ts';
import { decodeHistogram, encodeHistogram, mergeHistograms } from '../../measure/histogram.ts';
import { modeNamed } from '../../modes/index.ts';
import type { Watched } from '../../process/child.ts';
import { listenOverflows } from '../../process/listen-queue.ts';
import { distributionOfHdr } from '../../results/distribution.ts';
import { lineOf } from '../../results/negotiated-line.ts';
import type { CellResult, Distribution } from '../../results/schema.ts';
import type { Cell } from '../../scenario/plan.ts';
import type { RenewableWorker } from '../../swarm/swarm.ts';
import type { Connected, FleetJob, Spent } from '../../swarm/workloads/fleet.protocol.ts';
import type { ClientName } from '../../swarm/workloads/settings/common.ts';
import type { Lab } from '../assemble.ts';
import { placedOf } from '../reach.ts';
import { portCount, sourcesOf } from '../sources.ts';
import type { PhaseContext } from './phase.ts';

/** Clients that warm the lab up come at this rate. */
const WARM_UP_PER_SECOND = 50;

/** The broker of a cell. Throws when the lab was assembled without it. */
export function brokerOf({ brokers }: Lab, cell: Cell): RunningBroker {
  const placed = placedOf(brokers, cell);
  if (placed === undefined) throw new Error(`${cell.id} has no broker`);
  return placed.running;
}

/** The jobs by which the workers share a fleet. */
export async function fleetJobs(
  cell: Cell,
  workers: readonly RenewableWorker[],
  context: PhaseContext,
  manners: { clients: number; client: ClientName; attemptTimeoutMs: number; keepAliveSeconds?: number },
): Promise<{ worker: RenewableWorker; job: FleetJob }[]> {
  const { keepAliveSeconds = 0, clients } = manners;
  const sources = sourcesOf(cell, context.lab.link.backend, clients, await portCount());
  return workers.map((worker, first) => ({
    worker,
    job: { cell: cell.index, ...manners, keepAliveSeconds, processes: workers.length, first, sources },
  }));
}

/** Has a few clients connect and leave, so that nothing is cold afterwards; answers how many were connected. */
export async function warmUp(
  jobs: Awaited<ReturnType<typeof fleetJobs>>,
  clients: number,
  { stop }: PhaseContext,
): Promise<number> {
  if (clients === 0 || stop.aborted) return 0;
  const answers = await Promise.all(
    jobs.map(({ worker, job }) =>
      worker.call('warmUp', {
        job: { ...job, clients, processes: 1, first: 0 },
        perSecond: WARM_UP_PER_SECOND,
      }),
    ),
  );
  return answers.reduce((sum, { connected }) => sum + connected, 0);
}

/** Gives every client of a cell that is to resume a session of its own; tells the observer where there are too few. */
export async function gatherSessions(
  cell: Cell,
  jobs: Awaited<ReturnType<typeof fleetJobs>>,
  perSecond: number,
  { observer, stop }: PhaseContext,
): Promise<void> {
  if (stop.aborted || modeNamed(cell.mode).resumption === undefined) return;
  observer.step(`gathering sessions for ${cell.id}`);
  await Promise.all(
    jobs.map(async ({ worker, job }) => {
      const count = Math.ceil((job.clients - job.first) / job.processes);
      if (count <= 0) return;
      const { sessions } = await worker.call('prime', {
        cell: cell.index,
        count,
        perSecond: perSecond / jobs.length,
        timeoutMs: job.attemptTimeoutMs,
      });
      if (sessions < count) observer.warn(`${cell.id}: ${sessions} sessions for ${count} clients`);
    }),
  );
}

/** A distribution of what several processes timed; undefined where nothing was. */
export function mergedOf(encoded: readonly string[]): Distribution | undefined {
  return distributionOfHdr(encodeHistogram(mergeHistograms(encoded.map(decodeHistogram))));
}

/** Counts by reason, over several processes. */
export function countsOf(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const part of parts)
    for (const [reason, count] of Object.entries(part)) all[reason] = (all[reason] ?? 0) + count;
  return all;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What the clients' ends negotiated, as a cell's results count it. Who a broker verified is not asked of it here. */
export function negotiatedOf(parts: readonly Connected[]): CellResult['negotiated'] {
  return countsOf(
    parts.flatMap(({ negotiated }) =>
      negotiated.map(({ what, count }) => ({ [lineOf(what, false)]: count })),
    ),
  );
}

/** Clients, by what became of them. */
export function fleetSamples(
  clients: number,
  parts: readonly Connected[],
  reasons: Record<string, number>,
  warmup: number,
): CellResult['samples'] {
  const excluded = sum(parts.map(({ connected, good }) => connected - good));
  const failed = sum(parts.map((part) => part.clients - part.connected));
  return {
    attempted: clients,
    ok: clients - failed - excluded,
    failed,
    excluded,
    tainted: 0,
    warmup,
    reasons,
  };
}

/** The busiest of several processes. */
export function busiestOf(spent: readonly Spent[]): { cpuShare: number; loopDelayP99Ms: number } {
  return {
    cpuShare: Math.max(0, ...spent.map(({ cpuSeconds, seconds }) => cpuSeconds / Math.max(seconds, 1e-3))),
    loopDelayP99Ms: Math.max(0, ...spent.map(({ loopDelayP99Ms }) => loopDelayP99Ms)),
  };
}

/** CPU seconds of a broker until now; undefined where it has no process of the run's, or has died. */
export async function cpuOf({ processes }: RunningBroker): Promise<number | undefined> {
  return totalOf(processes, async (process) => (await process.usage()).cpuSeconds);
}

/** Resident memory of a broker; undefined like {@link cpuOf}. */
export async function memoryOf({ processes }: RunningBroker): Promise<number | undefined> {
  return totalOf(processes, (process) => process.memory());
}

/** Listen-queue overflows in a broker's network namespace; undefined where nobody tells. */
export async function overflowsOf({ processes: [first] }: RunningBroker): Promise<number | undefined> {
  return first && listenOverflows(first.pid);
}

async function totalOf(
  processes: readonly Watched[],
  read: (process: Watched) => Promise<number>,
): Promise<number | undefined> {
  if (processes.length === 0) return undefined;
  try {
    return sum(await Promise.all(processes.map(read)));
  } catch {
    return undefined;
  }
}

/** How much something grew; undefined where it was not told twice. */
export function growthOf(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
