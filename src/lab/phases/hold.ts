import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningBroker } from '../../broker/broker.ts';
import { nowUs } from '../../measure/clock.ts';
import type { Hold } from '../../results/schema.ts';
import type { Cell } from '../../scenario/plan.ts';
import type { Held, Opened } from '../../swarm/workloads/hold.protocol.ts';
import type { HoldWorkload } from '../../swarm/workloads/settings/hold.ts';
import { publishersOf } from '../assemble.ts';
import {
  brokerOf,
  busiestOf,
  countsOf,
  cpuOf,
  fleetJobs,
  fleetSamples,
  gatherSessions,
  growthOf,
  memoryOf,
  mergedOf,
  negotiatedOf,
  sum,
  warmUp,
} from './fleet.ts';
import type { FleetOutcome, FleetPhase, PhaseContext } from './phase.ts';

/**
 * All processes rest for so long before the first client comes, and what they use meanwhile is not the clients'. The
 * kernel tells the CPU time of programs in steps of 10 ms.
 */
const REST_MS = 3000;
/** Workers get their orders, and what paces the clients starts, before the first one comes. */
const LEAD_MS = 200;

export const hold: FleetPhase<'hold'> = {
  kind: 'hold',
  partial: true,
  step: ({ id }, { clients, seconds }) => `holding ${clients} clients over ${id} for ${seconds} s`,
  openAtOnce: ({ clients }) => clients,
  load: ({ clients, seconds, connectionsPerSecond }) =>
    `${clients} clients at ${connectionsPerSecond} a second, held for ${seconds} s`,
  run: runHold,
};

/** What a broker's end used. */
interface BrokerEnd {
  bytes: number | undefined;
  cpuUsPerSecond: number | undefined;
}

/** Brokers that cannot be renewed and have served a fleet: their memory is not what the next one takes. */
const used = new WeakSet<RunningBroker>();

/**
 * Holds a cell's clients. Client processes and broker are new ones, since memory that an earlier cell has left free would
 * be taken without growing anything.
 */
async function runHold(cell: Cell, workload: HoldWorkload, context: PhaseContext): Promise<FleetOutcome> {
  const { lab, observer, stop } = context;
  const { clients, client, seconds, connectionsPerSecond, keepAliveSeconds } = workload;
  const { pingTimeoutMs, timeoutMs: attemptTimeoutMs, warmupClients } = workload;
  const broker = brokerOf(lab, cell);
  const workers = publishersOf(lab, cell.mode);
  await Promise.all([broker.restart?.(), ...workers.map((worker) => worker.renew())]);
  const isFresh = broker.restart !== undefined || !used.has(broker);
  used.add(broker);
  const manners = { clients, client, attemptTimeoutMs, keepAliveSeconds };
  const jobs = await fleetJobs(cell, workers, context, manners);
  const warm = await warmUp(jobs, warmupClients, context);
  await gatherSessions(cell, jobs, connectionsPerSecond, context);

  stop.throwIfAborted();
  observer.step(`connecting ${clients} clients over ${cell.id}`);
  const memoryBefore = await memoryOf(broker);
  const startUs = nowUs() + (LEAD_MS + REST_MS) * 1000;
  const opening = Promise.all(
    jobs.map(({ worker, job }) =>
      worker.call('openHold', { ...job, startUs, connectionsPerSecond, pingTimeoutMs }),
    ),
  );
  // A rejection is seen where it is waited for.
  opening.catch(() => {});
  const restingCpu = await cpuPerSecond(broker, () => sleep(REST_MS));
  const opened = await opening;
  const memoryAfter = await memoryOf(broker);

  observer.step(`holding ${clients} clients over ${cell.id} for ${seconds} s`);
  const beginUs = nowUs() + LEAD_MS * 1000;
  let held: Held[] = [];
  const heldCpu = await cpuPerSecond(broker, async () => {
    held = await Promise.all(
      workers.map((worker) => worker.call('hold', { cell: cell.index, startUs: beginUs, seconds })),
    );
  });
  await Promise.all(workers.map((worker) => worker.call('disconnect', null)));
  const end: BrokerEnd = {
    bytes: isFresh ? growthOf(memoryBefore, memoryAfter) : undefined,
    cpuUsPerSecond: growthOf(restingCpu, heldCpu),
  };
  const result = holdOf(workload, opened, held, end);
  return {
    figures: { hold: result },
    samples: samplesOf(clients, opened, held, result.reasons, warm),
    negotiated: negotiatedOf(opened),
  };
}

/** Who was lost while held has failed too. */
function samplesOf(
  clients: number,
  opened: readonly Opened[],
  held: readonly Held[],
  reasons: Record<string, number>,
  warm: number,
): FleetOutcome['samples'] {
  const samples = fleetSamples(clients, opened, reasons, warm);
  const lost = sum(opened.map(({ connected }) => connected)) - sum(held.map((part) => part.held));
  const failed = Math.min(lost, samples.ok);
  return { ...samples, ok: samples.ok - failed, failed: samples.failed + failed };
}

/** CPU microseconds a second of a broker while something goes on; undefined where nobody tells. */
async function cpuPerSecond(
  broker: RunningBroker,
  work: () => Promise<unknown>,
): Promise<number | undefined> {
  const before = await cpuOf(broker);
  const fromUs = nowUs();
  await work();
  const tookSeconds = (nowUs() - fromUs) / 1e6;
  const used = growthOf(before, await cpuOf(broker));
  return used === undefined ? undefined : (used * 1e6) / tookSeconds;
}

/** Puts together what the processes counted, timed and used. */
export function holdOf(
  { clients, keepAliveSeconds }: HoldWorkload,
  opened: readonly Opened[],
  held: readonly Held[],
  broker: BrokerEnd,
): Hold {
  const connected = sum(opened.map((part) => part.connected));
  const perClient = (value: number): number => (connected === 0 ? 0 : value / connected);
  const distributions = {
    connecting: mergedOf(opened.map(({ connectingHdr }) => connectingHdr)),
    roundTrip: mergedOf(held.map(({ roundTripHdr }) => roundTripHdr)),
  };
  const pings = (what: keyof Held['pings']): number => sum(held.map((part) => part.pings[what]));
  return {
    clients,
    connected,
    held: sum(held.map((part) => part.held)),
    resumed: sum(opened.map(({ resumed }) => resumed)),
    reasons: countsOf([...opened, ...held].map(({ reasons }) => reasons)),
    lateStarts: sum(opened.map(({ lateStarts }) => lateStarts)),
    seconds: Math.max(0, ...held.map(({ spent }) => spent.seconds)),
    keepAliveSeconds,
    pings: { due: pings('due'), late: pings('late'), answered: pings('answered') },
    ...Object.fromEntries(Object.entries(distributions).filter(([, each]) => each !== undefined)),
    perClient: {
      clientBytes: perClient(sum(opened.map(({ rssBytes: { before, after } }) => after - before))),
      clientCpuUsPerSecond: perClient(
        sum(held.map(({ spent }) => cpuUsPerSecond(spent))) -
          sum(opened.map(({ idle }) => cpuUsPerSecond(idle))),
      ),
      ...(broker.bytes === undefined ? {} : { brokerBytes: perClient(broker.bytes) }),
      ...(broker.cpuUsPerSecond === undefined
        ? {}
        : { brokerCpuUsPerSecond: perClient(broker.cpuUsPerSecond) }),
    },
    connectingGenerator: busiestOf(opened.map((part) => part.connecting)),
    generator: busiestOf(held.map(({ spent }) => spent)),
  };
}

function cpuUsPerSecond({ cpuSeconds, seconds }: { cpuSeconds: number; seconds: number }): number {
  return seconds === 0 ? 0 : (cpuSeconds * 1e6) / seconds;
}
