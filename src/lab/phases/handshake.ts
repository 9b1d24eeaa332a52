import { nowUs } from '../../measure/clock.ts';
import type { Sample } from '../../measure/sample.ts';
import { modeNamed } from '../../modes/index.ts';
import type { Arrival, Cell, SinglePhase } from '../../scenario/plan.ts';
import type { Worker } from '../../swarm/swarm.ts';
import type { Attempt } from '../../swarm/workloads/handshake.protocol.ts';
import { actionOf } from '../../swarm/workloads/settings/single.ts';
import { topologyNamed } from '../../topology/index.ts';
import { USUAL_CLIENT } from '../../swarm/workloads/settings/common.ts';
import { hasSubscriber, publishersOf, type Lab } from '../assemble.ts';
import { hasFarTap } from '../broker-side.ts';
import type { Evidence } from '../evidence.ts';
import { hopSideOf, innerFlowOf } from '../hop-side.ts';
import { joinSample, requiredMilestones } from '../join.ts';
import { isStopping, type PhaseContext } from './phase.ts';

/** Workers get their schedules before it begins. */
const LEAD_MS = 300;
/** How long the last records of broker, subscribers and link may take to come in. */
const SETTLE_MS = 5000;

/** Runs the arrivals of a phase of single connections; answers when all have been told. Stops early, without error, on `stop`. */
export async function runHandshakes(phase: SinglePhase, context: PhaseContext): Promise<{ startUs: number }> {
  const { lab, evidence, observer, stop } = context;
  const { workload, cells, arrivals } = phase;
  const { client = USUAL_CLIENT, qos, payloadBytes, timeoutMs } = workload;
  const action = actionOf(workload);
  const wake = workload.kind === 'wake' ? { wake: { messages: workload.messagesPerWake } } : {};
  let startUs = nowUs();
  const ticker = setInterval(() => {
    let failed = 0;
    for (const { failure } of evidence.attempts.values()) if (failure !== undefined) failed++;
    observer.progress({ done: evidence.attempts.size, total: arrivals.length, failed, unit: 'connections' });
  }, 250);
  try {
    if (action === 'publish') {
      await lab.subscribers.call('subscribe', {
        cells: cells.filter(hasSubscriber).map(({ index }) => ({ cell: index, subscribers: 1 })),
        client: USUAL_CLIENT,
        purpose: 'arrivals',
        // Delivery is one trip at QoS 0; a higher one would time the subscriber's own handshake.
        qos: 0,
        timeoutMs,
      });
    }
    await prime(phase, context);
    startUs = nowUs() + LEAD_MS * 1000;
    await Promise.all(
      sharesOf(phase, lab).map(({ worker, arrivals: own }) =>
        worker.call('handshake', {
          action,
          client,
          qos,
          payloadBytes,
          timeoutMs,
          ...wake,
          startUs,
          arrivals: own.map(({ id, cell, atMs }) => ({ id, cell, atMs })),
        }),
      ),
    );
    await settle(phase, context);
    await lab.subscribers.call('disconnect', null);
  } catch (error) {
    if (!(await isStopping(stop))) throw error;
  } finally {
    clearInterval(ticker);
  }
  return { startUs };
}

/** Each arrival goes to one of the processes that run on what its mode asks for, in turn. */
function sharesOf({ cells, arrivals }: SinglePhase, lab: Lab): { worker: Worker; arrivals: Arrival[] }[] {
  const modes = new Map(cells.map(({ index, mode }) => [index, mode]));
  const byWorkers = Map.groupBy(arrivals, ({ cell }) => publishersOf(lab, modes.get(cell) ?? ''));
  return [...byWorkers].flatMap(([workers, shared]) =>
    workers.map((worker, index) => ({
      worker,
      arrivals: shared.filter((_, position) => position % workers.length === index),
    })),
  );
}

/** Gives each worker a session for every attempt of its own that is to resume one. */
async function prime(phase: SinglePhase, context: PhaseContext): Promise<void> {
  const { workload, cells } = phase;
  const { lab, observer, stop } = context;
  const shares = sharesOf(phase, lab);
  for (const cell of cells) {
    if (stop.aborted || modeNamed(cell.mode).resumption === undefined) continue;
    observer.step(`gathering sessions for ${cell.id}`);
    await Promise.all(
      shares.map(async ({ worker, arrivals }) => {
        const count = arrivals.filter((arrival) => arrival.cell === cell.index).length;
        if (count === 0) return;
        const perSecond = workload.connectionsPerSecond / publishersOf(lab, cell.mode).length;
        const { timeoutMs } = workload;
        const { sessions } = await worker.call('prime', { cell: cell.index, count, perSecond, timeoutMs });
        if (sessions < count) observer.warn(`${cell.id}: ${sessions} sessions for ${count} attempts`);
      }),
    );
  }
}

/** Waits until every good attempt has its broker record, its delivery and its flow, or the time is up. */
async function settle({ cells, arrivals, workload }: SinglePhase, context: PhaseContext): Promise<void> {
  const { lab, evidence, stop } = context;
  const byIndex = new Map(cells.map((cell) => [cell.index, cell]));
  const waiting = (arrival: Arrival): boolean => {
    const attempt = evidence.attempts.get(arrival.id);
    const cell = byIndex.get(arrival.cell);
    if (attempt === undefined || attempt.failure !== undefined || cell === undefined) return false;
    const required = requiredMilestones(cell, workload);
    const delivers = required.includes('delivered');
    return (
      (required.includes('connectReceived') && !evidence.records.has(arrival.id)) ||
      (endsAtHop(cell, true) && !evidence.hops.has(arrival.id)) ||
      (lab.link.tapped && endsAtHop(cell, false) && !isSeenBehind(cell, attempt, evidence)) ||
      (delivers && !evidence.deliveriesUs.has(arrival.id)) ||
      (lab.link.tapped && hasFlow(cell, attempt) && evidence.flowOf(attempt) === undefined) ||
      (hasFarTap(cell) && evidence.farFlowOf(attempt) === undefined)
    );
  };
  const giveUpUs = nowUs() + SETTLE_MS * 1000;
  while (nowUs() < giveUpUs && !stop.aborted && arrivals.some(waiting)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await Promise.all([
    ...lab.brokers.map(({ running }) => running.flush()),
    ...[...lab.topologies.values()].map((topology) => topology.flush?.()),
  ]);
}

/** Whether a hop ends the connections of a cell, one that tells of them or one that does not. */
function endsAtHop({ mode, topology }: Cell, tells: boolean): boolean {
  return (
    modeNamed(mode).refusedAt !== 'handshake' &&
    topologyNamed(topology.name).ending?.(topology).tells === tells
  );
}

/** Whether the link behind such a hop has told what the hop does not. */
function isSeenBehind(cell: Cell, attempt: Attempt, evidence: Evidence): boolean {
  const hop = hopSideOf(cell, attempt.id, evidence);
  return hop !== undefined && innerFlowOf(hop, attempt.id, evidence.flowOf(attempt), evidence) !== undefined;
}

/** Whether the link's tap sees the end of an attempt's connection. */
function hasFlow({ topology }: Cell, { stampsUs }: Attempt): boolean {
  return topologyNamed(topology.name).hides !== true && stampsUs.tcpConnected !== undefined;
}

/** Makes samples of what was told, in the order of the plan. Arrivals that were never started make none. */
export function samplesOf(phase: SinglePhase, startUs: number, evidence: Evidence): Sample[] {
  const byIndex = new Map(phase.cells.map((cell) => [cell.index, cell]));
  return phase.arrivals.flatMap((arrival) => {
    const attempt = evidence.attempts.get(arrival.id);
    const cell = byIndex.get(arrival.cell);
    if (attempt === undefined || cell === undefined) return [];
    return [joinSample(arrival, cell, phase.workload, attempt, evidence, startUs)];
  });
}
