import { brokerNamed } from '../broker/index.ts';
import type { BrokerRecord, BrokerRefusal, RunningBroker } from '../broker/broker.ts';
import type { Flow, OpenLink } from '../link/backend.ts';
import { modeNamed } from '../modes/index.ts';
import type { Watched } from '../process/child.ts';
import { OWN_RUNTIME, type RuntimeName } from '../runtimes/index.ts';
import type { BrokerChoice } from '../scenario/scenario.ts';
import type { Cell, Plan } from '../scenario/plan.ts';
import { startWorker, type Worker, type WorkerEvent } from '../swarm/swarm.ts';
import type { TargetInput, Unserved } from '../swarm/targets.ts';
import { TOPOLOGIES } from '../topology/index.ts';
import type { Cleanup } from './cleanup.ts';

/** What the parts of a lab tell. */
export interface LabEvents {
  onFlow: (flow: Flow) => void;
  onRecord: (record: BrokerRecord) => void;
  onRefusal: (refusal: BrokerRefusal) => void;
  onWorker: (event: WorkerEvent) => void;
  /** A part died; the lab is of no use any more. */
  onCrash: (error: Error) => void;
}

/** Everything that runs, in reach of the phases. */
export interface Lab {
  link: OpenLink;
  /** By their ids. */
  brokers: ReadonlyMap<string, RunningBroker>;
  /** By what they run on; each cell has those of its mode's client runtime. */
  publishers: ReadonlyMap<RuntimeName, readonly Worker[]>;
  /** On the bench's own Node, whatever the publishers run on. */
  subscribers: Worker;
  targets: TargetInput[];
  /** What the clients of each runtime say that they run on. */
  clientRuntimes: ReadonlyMap<RuntimeName, string>;
  /** Cells that a broker or the clients cannot serve, and why; they have no target. */
  unserved: Unserved[];
  /** All processes, for their usage and stalls. */
  children: Watched[];
}

/** Starts brokers, topologies and swarm around an open link; everything is undone by `cleanup`. */
export async function assemble(
  plan: Plan,
  link: OpenLink,
  pkiFolder: string,
  events: LabEvents,
  cleanup: Cleanup,
): Promise<Lab> {
  const brokers = new Map<BrokerChoice, RunningBroker>();
  const choices = new Set(plan.cells.map(({ broker }) => broker));
  for (const choice of choices) {
    const broker = await brokerNamed(choice.name).start({
      host: link.brokerHost,
      ...(choice.port === undefined ? {} : { port: choice.port }),
      modes: [...new Set(plan.cells.filter(({ broker }) => broker === choice).map(({ mode }) => mode))],
      pkiFolder,
      noDelay: choice.noDelay,
      runtime: choice.runtime,
      ...(choices.size === 1 ? {} : { label: choice.id }),
      prefix: link.prefix.broker,
      ...events,
    });
    cleanup.add(() => broker.stop());
    brokers.set(choice, broker);
  }
  const { targets, unserved } = await reach(plan, link, brokers, cleanup);
  const clientRuntimes = new Map<RuntimeName, string>();
  const start = async (name: string, runtime: RuntimeName, own: readonly TargetInput[]): Promise<Worker> => {
    const worker = await startWorker({
      name,
      prefix: link.prefix.client,
      runtime,
      onEvent: events.onWorker,
      onCrash: events.onCrash,
    });
    cleanup.add(() => worker.stop());
    const prepared = await worker.call('prepare', { pkiFolder, targets: [...own] });
    clientRuntimes.set(runtime, prepared.runtime);
    for (const found of prepared.unserved)
      if (unserved.every(({ cell }) => cell !== found.cell))
        unserved.push({ ...found, reason: `the TLS stack of ${name} says: ${found.reason}` });
    return worker;
  };
  const count = Math.max(...plan.scenario.workloads.map(({ workers }) => workers));
  const publishers = new Map<RuntimeName, Worker[]>();
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
    targets.filter(({ cell }) => listened.has(cell)),
  );
  const running = [...brokers.values()];
  return {
    link,
    brokers: new Map([...brokers].map(([{ id }, broker]) => [id, broker])),
    publishers,
    subscribers,
    targets,
    clientRuntimes,
    unserved,
    children: [
      ...running.flatMap(({ child, others }) => [child, ...others]),
      ...link.children,
      ...[...publishers.values()].flat(),
      subscribers,
    ],
  };
}

/** Where the broker refuses clients, or they publish nothing, there is nobody to subscribe and nothing to deliver. */
export function hasSubscriber({ mode, workload }: Cell): boolean {
  return !modeNamed(mode).refused && (workload.kind === 'pubsub' || workload.action === 'publish');
}

/** The publishers of a mode. Throws when the lab was assembled without the mode. */
export function publishersOf({ publishers }: Lab, mode: string): readonly Worker[] {
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

/** Leads every cell over its link, through its topology, to its mode's listener. */
async function reach(
  plan: Plan,
  link: OpenLink,
  brokers: ReadonlyMap<BrokerChoice, RunningBroker>,
  cleanup: Cleanup,
): Promise<{ targets: TargetInput[]; unserved: Unserved[] }> {
  const targets: TargetInput[] = [];
  const unserved: Unserved[] = [];
  for (const cell of plan.cells) {
    const reason = brokers.get(cell.broker)?.unserved.get(cell.mode);
    if (reason !== undefined) {
      unserved.push({ cell: cell.index, reason: `the broker's TLS stack says: ${reason}` });
      continue;
    }
    const listener = brokers.get(cell.broker)?.listeners.get(cell.mode);
    const topology = TOPOLOGIES.find(({ name }) => name === cell.topology);
    if (listener === undefined || topology === undefined) throw new Error(`Cell ${cell.id} leads nowhere`);
    const hops = await topology.enter(listener);
    cleanup.add(() => hops.close());
    const { host, port, modelledConnectMs } = await link.route(cell.link, hops.entrance);
    targets.push({ cell: cell.index, mode: cell.mode, host, port, modelledConnectMs });
  }
  return { targets, unserved };
}
