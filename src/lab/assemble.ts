import { brokerNamed } from '../broker/index.ts';
import type { BrokerRecord, BrokerRefusal, RunningBroker } from '../broker/broker.ts';
import type { Flow, OpenLink } from '../link/backend.ts';
import type { Watched } from '../process/child.ts';
import type { BrokerChoice } from '../scenario/scenario.ts';
import type { Plan } from '../scenario/plan.ts';
import { startWorker, type Worker, type WorkerEvent } from '../swarm/swarm.ts';
import type { TargetInput } from '../swarm/targets.ts';
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
  brokers: RunningBroker[];
  publishers: Worker[];
  subscribers: Worker;
  targets: TargetInput[];
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
  for (const choice of plan.scenario.brokers) {
    const broker = await brokerNamed(choice.name).start({
      host: link.brokerHost,
      ...(choice.port === undefined ? {} : { port: choice.port }),
      modes: plan.scenario.modes,
      pkiFolder,
      noDelay: choice.noDelay,
      prefix: link.prefix.broker,
      ...events,
    });
    cleanup.add(() => broker.stop());
    brokers.set(choice, broker);
  }
  const targets = await reach(plan, link, brokers, cleanup);
  const start = async (name: string): Promise<Worker> => {
    const worker = await startWorker({
      name,
      prefix: link.prefix.client,
      onEvent: events.onWorker,
      onCrash: events.onCrash,
    });
    cleanup.add(() => worker.stop());
    await worker.call('prepare', { pkiFolder, targets });
    return worker;
  };
  const count = Math.max(...plan.scenario.workloads.map(({ workers }) => workers));
  const publishers = await allOrNone(
    Array.from({ length: count }, (_, index) =>
      start(count === 1 ? 'publishers' : `publishers-${index + 1}`),
    ),
  );
  const subscribers = await start('subscribers');
  const running = [...brokers.values()];
  return {
    link,
    brokers: running,
    publishers,
    subscribers,
    targets,
    children: [
      ...running.flatMap(({ child, others }) => [child, ...others]),
      ...link.children,
      ...publishers,
      subscribers,
    ],
  };
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
): Promise<TargetInput[]> {
  const targets: TargetInput[] = [];
  for (const cell of plan.cells) {
    const listener = brokers.get(cell.broker)?.listeners.get(cell.mode);
    const topology = TOPOLOGIES.find(({ name }) => name === cell.topology);
    if (listener === undefined || topology === undefined) throw new Error(`Cell ${cell.id} leads nowhere`);
    const hops = await topology.enter(listener);
    cleanup.add(() => hops.close());
    const { host, port, modelledConnectMs } = await link.route(cell.link, hops.entrance);
    targets.push({ cell: cell.index, mode: cell.mode, host, port, modelledConnectMs });
  }
  return targets;
}
