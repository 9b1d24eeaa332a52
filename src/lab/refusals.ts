import { brokerNamed } from '../broker/index.ts';
import type { Theory } from '../model/theory.ts';
import { refusedAtConnect, refusedAtTopic, untilDisconnected } from '../modes/flights.ts';
import { modeNamed } from '../modes/index.ts';
import type { Cell } from '../scenario/plan.ts';
import type { RefusedAt, TargetInput } from '../swarm/targets.ts';
import { topologyNamed } from '../topology/index.ts';
import type { Closed } from '../topology/rules.ts';

type Refusable = Pick<Cell, 'mode' | 'broker' | 'workload'>;

/** What becomes of a cell's clients whose topology lets nobody in; undefined where it does. */
export function closedTo({ topology }: Pick<Cell, 'topology'>): Closed | undefined {
  return topologyNamed(topology.name).closed?.(topology);
}

/** Where the clients of a cell must be refused, by their mode or by their broker; undefined: nowhere. */
export function refusedAtOf(cell: Refusable): RefusedAt | undefined {
  return modeNamed(cell.mode).refusedAt ?? deniedOf(cell);
}

/** What the broker of a cell denies its clients once TLS and their credentials are through. */
export function deniedOf({ broker, workload }: Refusable): TargetInput['denied'] {
  if (workload.kind !== 'handshake') return undefined;
  const denied = brokerNamed(broker.name).denies?.(broker);
  if (denied === 'topic') return workload.action;
  return denied === 'connect' || denied === workload.action ? denied : undefined;
}

/** The theory of a cell: its mode's, ended where its clients are refused, and going on until a sensor sleeps again. */
export function theoryOf(cell: Refusable): Theory {
  const { theory, refusedAt } = modeNamed(cell.mode);
  if (cell.workload.kind === 'wake' && refusedAt === undefined)
    return { ...theory, flights: untilDisconnected(theory.flights, cell.workload.qos) };
  const denied = refusedAt === undefined ? deniedOf(cell) : undefined;
  if (denied === undefined) return theory;
  const { flights } = theory;
  return {
    ...theory,
    flights: denied === 'connect' ? refusedAtConnect(flights) : refusedAtTopic(flights, denied),
  };
}
