import type { BrokerChoice, RunningBroker } from '../broker/broker.ts';
import { modeNamed } from '../modes/index.ts';
import type { Cell, Plan } from '../scenario/plan.ts';
import type { TargetInput, Unserved } from '../swarm/targets.ts';
import { topologyNamed } from '../topology/index.ts';
import type { Lane, OpenTopology, TopologyChoice, TopologyRoute } from '../topology/topology.ts';
import type { CredentialDesk } from './credentials.ts';
import { closedTo, deniedOf } from './refusals.ts';

/** A broker behind a topology: each has one of its own. */
export interface PlacedBroker {
  choice: BrokerChoice;
  topology: TopologyChoice;
  running: RunningBroker;
}

/** The broker of a cell; undefined where none was started. */
export function placedOf(
  brokers: readonly PlacedBroker[],
  { broker, topology }: Pick<Cell, 'broker' | 'topology'>,
): PlacedBroker | undefined {
  return brokers.find((place) => place.choice === broker && place.topology === topology);
}

export function openOf(
  topologies: ReadonlyMap<TopologyChoice, OpenTopology>,
  choice: TopologyChoice,
): OpenTopology {
  const open = topologies.get(choice);
  if (open === undefined) throw new Error(`The topology ${choice.id} was not opened`);
  return open;
}

/** Tells each topology of the listeners that its cells will come to. */
export async function prepare(
  topologies: ReadonlyMap<TopologyChoice, OpenTopology>,
  brokers: readonly PlacedBroker[],
  { cells }: Plan,
): Promise<void> {
  for (const [topology, open] of topologies) {
    const lanes = new Map<string, Lane>();
    for (const { mode, broker } of cells.filter((cell) => cell.topology === topology)) {
      const placed = placedOf(brokers, { broker, topology });
      const listener = placed?.running.listeners.get(topologyNamed(topology.name).brokerMode(mode, topology));
      if (listener !== undefined) lanes.set(`${mode} ${listener.host}:${listener.port}`, { mode, listener });
    }
    await open.prepare?.([...lanes.values()]);
  }
}

/** Leads the publishers and the subscribers (`inside`) of every cell through its topology to its mode's listener. */
export async function reach(
  plan: Plan,
  topologies: ReadonlyMap<TopologyChoice, OpenTopology>,
  brokers: readonly PlacedBroker[],
  desk: CredentialDesk,
): Promise<{ targets: TargetInput[]; inside: TargetInput[]; unserved: Unserved[] }> {
  const targets: TargetInput[] = [];
  const inside: TargetInput[] = [];
  const unserved: Unserved[] = [];
  for (const cell of plan.cells) {
    const { index, id, mode, link, broker, topology } = cell;
    const placed = placedOf(brokers, { broker, topology });
    const brokerMode = topologyNamed(topology.name).brokerMode(mode, topology);
    const reason = placed?.running.unserved.get(brokerMode);
    if (reason !== undefined) {
      unserved.push({ cell: index, reason: `the broker's TLS stack says: ${reason}` });
      continue;
    }
    const listener = placed?.running.listeners.get(brokerMode);
    if (listener === undefined) throw new Error(`Cell ${id} leads nowhere`);
    const open = openOf(topologies, topology);
    const closed = closedTo(cell);
    const denied = deniedOf(cell);
    const access = placed?.running.access?.(brokerMode) ?? {};
    const target = ({ host, port, modelledConnectMs, tunnels }: TopologyRoute): TargetInput => ({
      cell: index,
      mode,
      host,
      port,
      modelledConnectMs,
      ...desk.showsOf(modeNamed(mode)),
      ...access,
      ...(denied === undefined ? {} : { denied }),
      ...(closed === undefined ? {} : { closed }),
      ...(tunnels === undefined ? {} : { tunnels }),
    });
    const route = await open.reach(link, mode, listener);
    targets.push(target(route));
    inside.push(target((await open.reachInside?.(mode, listener)) ?? route));
  }
  return { targets, inside, unserved };
}
