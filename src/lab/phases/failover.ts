import { setTimeout as sleep } from 'node:timers/promises';
import { nowUs } from '../../measure/clock.ts';
import { distributionOf } from '../../results/distribution.ts';
import type { Failover } from '../../results/schema.ts';
import type { Cell } from '../../scenario/plan.ts';
import { seededRandom } from '../../scenario/random.ts';
import type { Returned } from '../../swarm/workloads/failover.protocol.ts';
import type { FailoverWorkload } from '../../swarm/workloads/settings/failover.ts';
import { publishersOf } from '../assemble.ts';
import { outcomesOf, type FleetPhase, type PhaseContext } from './phase.ts';

const LEAD_MS = 200;

export const failover: FleetPhase<'failover'> = {
  kind: 'failover',
  step: ({ id }, { clients }) => `failing over ${id} under ${clients} clients`,
  // A client's dead connection may still stand at the broker when its next one does.
  openAtOnce: ({ clients }) => 2 * clients,
  load: ({ clients, connectionsPerSecond }) => `${clients} clients at ${connectionsPerSecond} a second`,
  run: async (cell, workload, context) => {
    const failover = await runFailover(cell, workload, context);
    return { figures: { failover }, samples: outcomesOf(failover.clients, failover.back, failover.reasons) };
  },
};

/** Connects everyone, lets the path fail, waits until they are back or lost, repairs the path. */
async function runFailover(cell: Cell, workload: FailoverWorkload, context: PhaseContext): Promise<Failover> {
  const { lab, seed, stop } = context;
  const topology = lab.topologies.get(cell.topology);
  if (topology?.failPath === undefined) throw new Error(`${cell.topology.id} has no other path`);
  const { kind: _kind, clients, connectionsPerSecond, timeoutMs, workers: _workers, ...manners } = workload;
  const random = seededRandom(seed + cell.index);
  const all = Array.from({ length: clients }, (_, index) => ({
    index,
    atMs: (index * 1000) / connectionsPerSecond,
    phase: random.next(),
  }));
  const workers = publishersOf(lab, cell.mode);
  const startUs = nowUs() + LEAD_MS * 1000;
  await Promise.all(
    workers.map((worker, position) =>
      worker.call('connectClients', {
        ...manners,
        cell: cell.index,
        startUs,
        clients: all.filter(({ index }) => index % workers.length === position),
        seed: seed + position,
      }),
    ),
  );
  // Everyone has been answered once, and who is to resume holds a session.
  await sleep(workload.keepAliveSeconds * 1000, undefined, { signal: stop });
  const { failedUs, changedOver } = await topology.failPath();
  const returned = await Promise.all(
    workers.map((worker) =>
      worker.call('awaitReturn', { cell: cell.index, untilUs: failedUs + timeoutMs * 1000 }),
    ),
  );
  const changedOverUs = await changedOver;
  await Promise.all(workers.map((worker) => worker.call('disconnect', null)));
  await topology.renewPath?.();
  return failedOver(returned.flat(), { startUs, failedUs, changedOverUs });
}

/** Counts and times clients. Who was gone before anything failed is lost, whether or not it came back. */
export function failedOver(
  clients: readonly Returned[],
  at: { startUs: number; failedUs: number; changedOverUs: number },
): Failover {
  const isEarly = ({ noticedUs }: Returned): boolean => noticedUs !== undefined && noticedUs < at.failedUs;
  const back = clients.filter((client) => client.pubackUs !== undefined && !isEarly(client));
  const lost = clients.filter((client) => !back.includes(client));
  const times = (of: readonly Returned[], to: keyof Returned, from?: keyof Returned): object | undefined =>
    distributionOf(
      of.flatMap((client) => {
        const [end, begin] = [client[to], from === undefined ? at.failedUs : client[from]];
        return typeof end === 'number' && typeof begin === 'number' ? [(end - begin) / 1000] : [];
      }),
      'measured',
    );
  const distributions = {
    noticed: times(
      clients.filter((client) => !isEarly(client)),
      'noticedUs',
    ),
    tcpConnected: times(back, 'tcpConnectedUs'),
    connackReceived: times(back, 'connackUs'),
    returned: times(back, 'pubackUs'),
    reconnecting: times(back, 'pubackUs', 'noticedUs'),
  };
  return {
    clients: clients.length,
    back: back.length,
    lost: lost.length,
    resumed: back.filter(({ negotiated }) => negotiated?.resumed === true).length,
    attempts: clients.reduce((sum, { attempts }) => sum + attempts, 0),
    reasons: counts(
      lost.map((client) => (isEarly(client) ? `gone-before:${client.noticedBy}` : client.lost?.reason)),
    ),
    noticedBy: counts(clients.map(({ noticedBy }) => noticedBy)),
    failedAtMs: (at.failedUs - at.startUs) / 1000,
    changedOverAtMs: (at.changedOverUs - at.startUs) / 1000,
    ...Object.fromEntries(Object.entries(distributions).filter(([, each]) => each !== undefined)),
  };
}

function counts(reasons: readonly (string | undefined)[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const reason of reasons) if (reason !== undefined) all[reason] = (all[reason] ?? 0) + 1;
  return all;
}
