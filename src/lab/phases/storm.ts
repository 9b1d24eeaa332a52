import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningBroker } from '../../broker/broker.ts';
import { nowUs } from '../../measure/clock.ts';
import type { Storm } from '../../results/schema.ts';
import type { Cell } from '../../scenario/plan.ts';
import type { StormWorkload } from '../../swarm/workloads/settings/storm.ts';
import type { Stormed } from '../../swarm/workloads/storm.protocol.ts';
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
  mergedOf,
  negotiatedOf,
  overflowsOf,
  sum,
  warmUp,
} from './fleet.ts';
import type { FleetOutcome, FleetPhase, PhaseContext } from './phase.ts';

/** Workers get their orders before the storm begins. */
const LEAD_MS = 300;
/** What a broker sends by itself once a client is connected, such as tickets, is there by then. */
const SETTLE_MS = 500;

export const storm: FleetPhase<'storm'> = {
  kind: 'storm',
  partial: true,
  step: ({ id }, { clients }) => `a storm of ${clients} clients over ${id}`,
  openAtOnce: ({ clients }) => clients,
  load: ({ clients, arrivals, connectionsPerSecond }) =>
    `${clients} clients ${arrivals === 'rate' ? `at ${connectionsPerSecond} a second` : 'at one time'}`,
  run: runStorm,
};

/** Gathers what the clients resume, or connects them and restarts their broker; then lets the storm come, and counts. */
async function runStorm(cell: Cell, workload: StormWorkload, context: PhaseContext): Promise<FleetOutcome> {
  const { lab, seed, stop, observer } = context;
  const { after, arrivals, connectionsPerSecond, retryMs, retryJitter, timeoutMs } = workload;
  const { clients, client, attemptTimeoutMs, warmupClients } = workload;
  const broker = brokerOf(lab, cell);
  const workers = publishersOf(lab, cell.mode);
  const comesBack = after === 'restart';
  const jobs = await fleetJobs(cell, workers, context, { clients, client, attemptTimeoutMs });
  const warm = await warmUp(jobs, warmupClients, context);
  if (!comesBack) await gatherSessions(cell, jobs, connectionsPerSecond, context);
  stop.throwIfAborted();
  if (comesBack) observer.step(`connecting ${clients} clients over ${cell.id}`);
  const opened = await Promise.all(
    jobs.map(({ worker, job }, position) =>
      worker.call('openStorm', {
        ...job,
        ...(arrivals === 'rate' ? { connectionsPerSecond } : {}),
        ...(comesBack ? { beforePerSecond: connectionsPerSecond } : {}),
        ...(retryMs === undefined
          ? {}
          : { retry: { ms: retryMs, jitter: retryJitter, seed: seed + cell.index + position } }),
        timeoutMs,
        mayBeFull: comesBack,
      }),
    ),
  );
  const connectedBefore = sum(opened.map(({ connected }) => connected));
  const downMs = comesBack ? await restart(broker, stop) : undefined;
  stop.throwIfAborted();
  observer.step(`a storm of ${clients} clients over ${cell.id}`);
  const [overflowsBefore, cpuBefore] = await Promise.all([overflowsOf(broker), cpuOf(broker)]);
  const startUs = nowUs() + LEAD_MS * 1000;
  const stormed = await Promise.all(
    workers.map((worker) => worker.call('storm', { cell: cell.index, startUs })),
  );
  const seconds = (nowUs() - startUs) / 1e6;
  const [overflows, cpu] = await Promise.all([overflowsOf(broker), cpuOf(broker)]);
  await Promise.all(workers.map((worker) => worker.call('disconnect', null)));
  const brokerCpu = growthOf(cpuBefore, cpu);
  const listenGrowth = growthOf(overflowsBefore, overflows);
  const result: Storm = {
    ...stormOf(workload, stormed, startUs),
    ...(listenGrowth === undefined ? {} : { listenOverflows: listenGrowth }),
    ...(brokerCpu === undefined ? {} : { brokerLoad: { cpuShare: brokerCpu / seconds } }),
    ...(downMs === undefined ? {} : { restart: { connectedBefore, downMs } }),
  };
  return {
    figures: { storm: result },
    samples: fleetSamples(clients, stormed, result.reasons, warm),
    negotiated: negotiatedOf(stormed),
  };
}

/** Ends the broker and starts it again; answers for how many milliseconds nobody listened. */
async function restart(broker: RunningBroker, stop: AbortSignal): Promise<number> {
  await sleep(SETTLE_MS);
  stop.throwIfAborted();
  if (broker.restart === undefined) throw new Error('The broker cannot be restarted');
  const { endedUs, readyUs } = await broker.restart();
  return (readyUs - endedUs) / 1000;
}

/** Puts together what the processes counted and timed. */
export function stormOf(
  { arrivals, after, connectionsPerSecond, clients }: StormWorkload,
  parts: readonly Stormed[],
  startUs: number,
): Storm {
  const total = (what: 'connected' | 'resumed' | 'attempts' | 'lateStarts'): number =>
    sum(parts.map((part) => part[what]));
  const good = sum(parts.map((part) => part.good));
  const lastUs = Math.max(...parts.map(({ lastConnackUs }) => lastConnackUs ?? 0));
  const lastConnackMs = (lastUs - startUs) / 1000;
  const distributions = {
    connecting: mergedOf(parts.map(({ connectingHdr }) => connectingHdr)),
    service: mergedOf(parts.map(({ serviceHdr }) => serviceHdr)),
    tcpConnected: mergedOf(parts.map(({ tcpHdr }) => tcpHdr)),
  };
  return {
    arrivals,
    ...(arrivals === 'rate' ? { askedPerSecond: connectionsPerSecond } : {}),
    after,
    clients,
    connected: total('connected'),
    resumed: total('resumed'),
    attempts: total('attempts'),
    reasons: countsOf(parts.map(({ reasons }) => reasons)),
    lateStarts: total('lateStarts'),
    ...(good === 0 ? {} : { lastConnackMs, connectsPerSecond: good / (lastConnackMs / 1000) }),
    ...Object.fromEntries(Object.entries(distributions).filter(([, each]) => each !== undefined)),
    generator: busiestOf(parts.map(({ spent }) => spent)),
  };
}
