import { brokerNamed } from '../broker/index.ts';
import type { BrokerChoice, BrokerRecord, BrokerRefusal } from '../broker/broker.ts';
import type { Flow, OpenLink } from '../link/backend.ts';
import { modeNamed } from '../modes/index.ts';
import type { Watched } from '../process/child.ts';
import { renewable } from '../process/renewable.ts';
import { OWN_RUNTIME, type RuntimeName } from '../runtimes/index.ts';
import type { Cell, Plan } from '../scenario/plan.ts';
import { startWorker, type RenewableWorker, type Worker, type WorkerEvent } from '../swarm/swarm.ts';
import type { TargetInput, Unserved } from '../swarm/targets.ts';
import { topologyNamed } from '../topology/index.ts';
import type { HopPassage } from '../topology/hop-passage.ts';
import type { HopRecord } from '../topology/hop-record.ts';
import type { OpenTopology, TopologyChoice } from '../topology/topology.ts';
import type { Cleanup } from './cleanup.ts';
import { CredentialDesk } from './credentials.ts';
import type { ProcessPlace } from './evidence.ts';
import { openOf, prepare, reach, type PlacedBroker } from './reach.ts';
import { closedTo, refusedAtOf } from './refusals.ts';

/** What the parts of a lab tell. */
export interface LabEvents {
  onFlow: (flow: Flow) => void;
  onRecord: (record: BrokerRecord) => void;
  onRefusal: (refusal: BrokerRefusal) => void;
  onHop: (record: HopRecord) => void;
  onPassage: (passage: HopPassage) => void;
  onWorker: (event: WorkerEvent) => void;
  /** A part died; the lab is of no use any more. */
  onCrash: (error: Error) => void;
}

/** Everything that runs, in reach of the phases. */
export interface Lab {
  link: OpenLink;
  brokers: readonly PlacedBroker[];
  topologies: ReadonlyMap<TopologyChoice, OpenTopology>;
  /** By what they run on; each cell has those of its mode's client runtime. */
  publishers: ReadonlyMap<RuntimeName, readonly RenewableWorker[]>;
  /** On the bench's own Node, whatever the publishers run on. */
  subscribers: Worker;
  targets: TargetInput[];
  /** What the clients of each runtime say that they run on. */
  clientRuntimes: ReadonlyMap<RuntimeName, string>;
  /** Cells that a broker or the clients cannot serve, and why; they have no target. */
  unserved: Unserved[];
  /** By process, the broker or topology that it is for alone. */
  places: ReadonlyMap<string, ProcessPlace>;
  /** All processes, for their usage and stalls. */
  children: Watched[];
}

/** Starts topologies, brokers and swarm around an open link; everything is undone by `cleanup`. */
export async function assemble(
  plan: Plan,
  link: OpenLink,
  pkiFolder: string,
  events: LabEvents,
  cleanup: Cleanup,
): Promise<Lab> {
  const topologies = new Map<TopologyChoice, OpenTopology>();
  const brokers: PlacedBroker[] = [];
  for (const [topology, cells] of Map.groupBy(plan.cells, (cell) => cell.topology)) {
    const open = await topologyNamed(topology.name).open({
      choice: topology,
      link,
      pkiFolder,
      modes: [...new Set(cells.map(({ mode }) => mode))],
      ...events,
    });
    cleanup.add(() => open.close());
    topologies.set(topology, open);
  }
  const places = placesOf(plan);
  for (const { broker: choice, topology, modes } of places) {
    const { prefix, host } = openOf(topologies, topology).broker;
    const isAlone = places.length === 1;
    const running = await brokerNamed(choice.name).start({
      choice,
      host,
      modes,
      pkiFolder,
      ...(isAlone ? {} : { label: labelOf(places, choice, topology) }),
      prefix,
      ...events,
    });
    cleanup.add(() => running.stop());
    brokers.push({ choice, topology, running });
  }
  await prepare(topologies, brokers, plan);
  const desk = await CredentialDesk.open(pkiFolder);
  const { targets, inside, unserved } = await reach(plan, topologies, brokers, desk);
  const clientRuntimes = new Map<RuntimeName, string>();
  const startOne = async (
    name: string,
    runtime: RuntimeName,
    own: readonly TargetInput[],
  ): Promise<Worker> => {
    const worker = await startWorker({
      name,
      prefix: link.prefix.client,
      runtime,
      onEvent: events.onWorker,
      onCrash: events.onCrash,
    });
    const prepared = await worker
      .call('prepare', { pkiFolder, targets: [...own] })
      .catch(async (error: unknown) => {
        await worker.stop();
        throw error;
      });
    clientRuntimes.set(runtime, prepared.runtime);
    for (const found of prepared.unserved)
      if (unserved.every(({ cell }) => cell !== found.cell))
        unserved.push({ ...found, reason: `the TLS stack of ${name} says: ${found.reason}` });
    return worker;
  };
  const start = async (
    name: string,
    runtime: RuntimeName,
    own: readonly TargetInput[],
  ): Promise<RenewableWorker> => {
    const again = (): Promise<Worker> => startOne(name, runtime, own);
    const worker = renewable(await again(), again);
    cleanup.add(() => worker.stop());
    return worker;
  };
  const count = Math.max(...plan.scenario.workloads.map(({ workers }) => workers));
  const publishers = new Map<RuntimeName, RenewableWorker[]>();
  for (const [runtime, own] of Map.groupBy(targets, ({ mode }) => modeNamed(mode).clientRuntime)) {
    const started = Array.from({ length: count }, (_, index) =>
      start(publishersName(runtime, count === 1 ? undefined : index + 1), runtime, own),
    );
    publishers.set(runtime, await allOrNone(started));
  }
  const listened = new Set(plan.cells.filter(hasSubscriber).map(({ index }) => index));
  const subscribers = await start(
    'subscribers',
    OWN_RUNTIME,
    inside.filter(({ cell }) => listened.has(cell)),
  );
  return {
    link,
    brokers,
    topologies,
    publishers,
    subscribers,
    targets,
    clientRuntimes,
    unserved,
    places: new Map([
      ...brokers.flatMap(({ choice, topology, running }) =>
        running.processes.map(({ name }): [string, ProcessPlace] => [
          name,
          { broker: choice.id, topology: topology.id },
        ]),
      ),
      ...[...topologies].flatMap(([{ id }, { processes }]) =>
        processes.map(({ name }): [string, ProcessPlace] => [name, { topology: id }]),
      ),
    ]),
    children: [
      ...brokers.flatMap(({ running }) => running.processes),
      ...[...topologies.values()].flatMap(({ processes }) => processes),
      ...link.children,
      ...[...publishers.values()].flat(),
      subscribers,
    ],
  };
}

/** Where the broker refuses clients, or they publish nothing, there is nobody to subscribe and nothing to deliver. */
export function hasSubscriber(cell: Cell): boolean {
  const { workload } = cell;
  return (
    closedTo(cell) === undefined &&
    refusedAtOf(cell) === undefined &&
    (workload.kind === 'pubsub' || (workload.kind === 'handshake' && workload.action === 'publish'))
  );
}

/** The publishers of a mode. Throws when the lab was assembled without the mode. */
export function publishersOf({ publishers }: Lab, mode: string): readonly RenewableWorker[] {
  const { clientRuntime } = modeNamed(mode);
  const workers = publishers.get(clientRuntime);
  if (workers === undefined) throw new Error(`No publishers run on ${clientRuntime}`);
  return workers;
}

/** Has the clients start nothing more, and end what is under way as failed. */
export function cancel({ publishers, subscribers }: Lab, why: { reason: string; detail: string }): void {
  // A worker that is gone needs no telling.
  for (const worker of [...[...publishers.values()].flat(), subscribers])
    worker.call('cancel', why).catch(() => {});
}

function publishersName(runtime: RuntimeName, number: number | undefined): string {
  return [
    'publishers',
    ...(runtime === OWN_RUNTIME ? [] : [runtime]),
    ...(number === undefined ? [] : [number]),
  ].join('-');
}

/** Waits for all, also when one fails: what is still starting then could not be undone. Throws what the first one threw. */
async function allOrNone<T>(started: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(started);
  return Promise.all(started);
}

/** Each broker and topology that some cells have, with what the broker is to listen for. */
function placesOf({ cells }: Plan): { broker: BrokerChoice; topology: TopologyChoice; modes: string[] }[] {
  return [...Map.groupBy(cells, ({ broker }) => broker)].flatMap(([broker, own]) =>
    [...Map.groupBy(own, ({ topology }) => topology)].map(([topology, behind]) => ({
      broker,
      topology,
      modes: [...new Set(behind.map(({ mode }) => topologyNamed(topology.name).brokerMode(mode, topology)))],
    })),
  );
}

/** What tells a broker's processes from those of others: its own name, its topology's, or both. */
function labelOf(
  places: readonly { broker: BrokerChoice; topology: TopologyChoice }[],
  broker: BrokerChoice,
  topology: TopologyChoice,
): string {
  const brokers = new Set(places.map((place) => place.broker.id));
  const topologies = new Set(places.map((place) => place.topology.id));
  return [...(brokers.size > 1 ? [broker.id] : []), ...(topologies.size > 1 ? [topology.id] : [])].join('-');
}
