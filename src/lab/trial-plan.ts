import { NULL_LINK } from '../link/spec.ts';
import { modeNamed } from '../modes/index.ts';
import { OWN_RUNTIME } from '../runtimes/index.ts';
import { makePlan, type Cell, type LeftOut, type Plan } from '../scenario/plan.ts';
import { DIRECT } from '../topology/direct.ts';
import { topologyNamed } from '../topology/index.ts';
import type { TopologyChoice } from '../topology/topology.ts';
import { stampsOf } from './broker-side.ts';

/** The first attempt of a process may be slow; one of these must be good. */
const ATTEMPTS = 3;
const TIMEOUT_MS = 5000;

/** What is tried before a run. */
export interface TrialPlan {
  /** One cell for each listener that a broker is to have, without topologies and links. */
  plan: Plan;
  /** The cells of the run whose clients, or the hops in front of them, would come to the listener of a trial cell. */
  standsFor: (trialCell: Cell) => Cell[];
  /** Whether clients come to a listener in its own mode; others are for hops, and it is enough that the broker starts. */
  isDialled: (trialCell: Cell) => boolean;
}

/**
 * The trial of all listeners of which at least one end has another TLS stack than the bench's own. Topologies behind which
 * brokers have the same listeners share theirs; behind a hop that ends TLS they are others, of a broker of its own.
 */
export function planTrial({ scenario, cells }: Plan): TrialPlan {
  const standIns = new Map<string, TopologyChoice>();
  const standInOf = (topology: TopologyChoice): TopologyChoice => {
    const listeners = scenario.modes.map((mode) => brokerModeOf({ mode, topology })).join(' ');
    const isClients = listeners === scenario.modes.join(' ');
    const standIn =
      standIns.get(listeners) ?? (isClients ? DIRECT : { ...DIRECT, id: `${DIRECT.id}-${topology.id}` });
    standIns.set(listeners, standIn);
    return standIn;
  };
  const byListener = Map.groupBy(cells.filter(isForeign), (cell) =>
    keyOf({ mode: brokerModeOf(cell), broker: cell.broker.id, topology: standInOf(cell.topology).id }),
  );
  const standsFor = (cell: Cell): Cell[] => byListener.get(keyOf(outOf(cell))) ?? [];
  const modes = [...new Set([...scenario.modes, ...cells.map(brokerModeOf)])];
  const topologies = [...standIns.values()];
  const leftOut = modes.flatMap((mode) =>
    scenario.brokers.flatMap((broker) =>
      topologies
        .map((topology) => ({ mode, broker: broker.id, topology: topology.id }))
        .filter((out) => !byListener.has(keyOf(out))),
    ),
  );
  const plan = makePlan(
    {
      ...scenario,
      modes,
      links: [NULL_LINK],
      topologies,
      workloads: [
        {
          kind: 'handshake',
          // Without standing subscribers, which a broker might not serve either.
          action: 'subscribe',
          qos: 0,
          payloadBytes: 0,
          connectionsPerSecond: 50,
          arrivals: 'even',
          timeoutMs: TIMEOUT_MS,
          workers: 1,
        },
      ],
      rounds: ATTEMPTS,
      warmupRounds: 0,
    },
    leftOut,
  );
  return {
    plan,
    standsFor,
    isDialled: (cell) => standsFor(cell).some(({ mode }) => mode === cell.mode),
  };
}

/** Whether the broker is not the bench's own, or one that its clients come to runs on another stack, as they may. */
function isForeign(cell: Cell): boolean {
  return (
    stampsOf(cell) === 'wire' ||
    cell.broker.runtime !== OWN_RUNTIME ||
    // Behind a hop that ends TLS the broker never sees the clients' mode.
    (brokerModeOf(cell) === cell.mode && modeNamed(cell.mode).clientRuntime !== OWN_RUNTIME)
  );
}

function brokerModeOf({ mode, topology }: Pick<Cell, 'mode' | 'topology'>): string {
  return topologyNamed(topology.name).brokerMode(mode, topology);
}

function outOf({ mode, broker, topology }: Cell): Required<Omit<LeftOut, 'workload'>> {
  return { mode, broker: broker.id, topology: topology.id };
}

function keyOf({ mode, broker, topology }: Required<Omit<LeftOut, 'workload'>>): string {
  return `${mode} ${broker} ${topology}`;
}
