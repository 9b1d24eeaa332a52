import type { BrokerRecord, BrokerRefusal } from '../broker/broker.ts';
import type { Flow } from '../link/backend.ts';
import type { Stall } from '../process/protocol.ts';
import { attemptOfClientId } from '../swarm/names.ts';
import type { WorkerEvent } from '../swarm/swarm.ts';
import type { HopPassage } from '../topology/hop-passage.ts';
import type { HopRecord } from '../topology/hop-record.ts';
import type { Attempt } from '../swarm/workloads/handshake.protocol.ts';

/** Whose process it is: of a topology, and where it is a broker's of that one. */
export interface ProcessPlace {
  topology: string;
  broker?: string;
}

/** What the processes told of the attempts, by attempt; the lab's raw material. */
export class Evidence {
  readonly attempts = new Map<number, Attempt>();
  readonly records = new Map<number, BrokerRecord>();
  /** Of hops that end the clients' connections. */
  readonly hops = new Map<number, HopRecord>();
  readonly deliveriesUs = new Map<number, number>();
  readonly refusals: BrokerRefusal[] = [];
  /** Standing clients that were lost, by reason. */
  readonly lost: string[] = [];
  /** Stalls by the process that had them. */
  readonly stalls = new Map<string, Stall[]>();
  /** By process, the one broker or topology that it is for; a process that all attempts need is not in it. */
  readonly places = new Map<string, ProcessPlace>();
  /** By the connection's ends; a port may come back within a run. */
  readonly #flows = new Map<string, Flow[]>();

  /** By the client's end as the hop sees it; a port may come back within a run. */
  readonly #passages = new Map<string, HopPassage[]>();

  /** The connection in which an attempt's CONNECT was read. */
  readonly #named = new Map<number, Flow>();

  /** What the parts of a lab are to be told to. */
  listeners(): {
    onFlow: (flow: Flow) => void;
    onRecord: (record: BrokerRecord) => void;
    onHop: (record: HopRecord) => void;
    onPassage: (passage: HopPassage) => void;
    onRefusal: (refusal: BrokerRefusal) => void;
    onWorker: (event: WorkerEvent) => void;
  } {
    return {
      onFlow: (flow) => this.onFlow(flow),
      onRecord: (record) => this.onRecord(record),
      onHop: (record) => this.onHop(record),
      onPassage: (passage) => this.onPassage(passage),
      onRefusal: (refusal) => this.onRefusal(refusal),
      onWorker: (event) => this.onWorker(event),
    };
  }

  onFlow(flow: Flow): void {
    const key = keyOf({ ...flow.client, dialledPort: flow.dialledPort }, flow.far);
    append(this.#flows, key, flow);
    const attempt = flow.clientId === undefined ? undefined : attemptOfClientId(flow.clientId);
    if (attempt !== undefined) this.#named.set(attempt, flow);
  }

  onRecord(record: BrokerRecord): void {
    const attempt = attemptOfClientId(record.clientId);
    if (attempt !== undefined) this.records.set(attempt, record);
  }

  onHop(record: HopRecord): void {
    const attempt = attemptOfClientId(record.clientId);
    if (attempt !== undefined) this.hops.set(attempt, record);
  }

  onPassage(passage: HopPassage): void {
    append(this.#passages, keyOf(passage.client), passage);
  }

  onRefusal(refusal: BrokerRefusal): void {
    this.refusals.push(refusal);
  }

  onWorker(event: WorkerEvent): void {
    if (event.kind === 'attempts')
      for (const attempt of event.attempts) this.attempts.set(attempt.id, attempt);
    else if (event.kind === 'deliveries') {
      for (const { id, atUs } of event.deliveries)
        if (!this.deliveriesUs.has(id)) this.deliveriesUs.set(id, atUs);
    } else this.lost.push(event.reason);
  }

  /** The flow of an attempt: the first of its ports that was opened after its start. Older ones were other attempts'. */
  flowOf({ local, dialledPort, startedUs }: Attempt): Flow | undefined {
    return local && this.#flowFrom({ ...local, dialledPort }, startedUs);
  }

  /** What a link behind the clients' own saw of an attempt's connection, where one looks. */
  farFlowOf({ local, dialledPort, startedUs }: Attempt): Flow | undefined {
    return local && this.#flowFrom({ ...local, dialledPort }, startedUs, true);
  }

  /** The flow of a hop's own connection to the broker, in the same way. */
  innerFlowOf({ inner: { local, dialledUs } }: HopRecord): Flow | undefined {
    return local && this.#flowFrom(local, dialledUs);
  }

  /** The same of a hop that tells nothing, by the client identifier in what it passes on in clear; undefined of others. */
  namedFlowOf(attempt: number): Flow | undefined {
    return this.#named.get(attempt);
  }

  /**
   * The same of a hop that passes on what nobody can read, by its log: of the connections that it opened for clients at this
   * one's port, the first that was opened after this one's own.
   */
  passedFlowOf({
    client,
    dialledPort,
    seenAs = { ...client, dialledPort },
    openedUs,
  }: Flow): Flow | undefined {
    const passages = this.#passages.get(keyOf(seenAs)) ?? [];
    return earliest(passages.flatMap(({ local }) => this.#flowFrom(local, openedUs) ?? []));
  }

  #flowFrom(
    from: { host: string; port: number; dialledPort: number },
    notBeforeUs: number,
    far?: true,
  ): Flow | undefined {
    const flows = this.#flows.get(keyOf(from, far)) ?? [];
    return earliest(flows.filter(({ openedUs }) => openedUs >= notBeforeUs));
  }
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function earliest(flows: readonly Flow[]): Flow | undefined {
  return flows.toSorted((a, b) => a.openedUs - b.openedUs)[0];
}

function keyOf(
  { host, port, dialledPort }: { host: string; port: number; dialledPort: number },
  far?: true,
): string {
  return `${far === true ? 'far ' : ''}${host}:${port}>${dialledPort}`;
}
