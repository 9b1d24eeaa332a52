import type * as z from 'zod';
import type { Endpoint } from '../link/backend.ts';
import type { AccessDecision } from '../measure/access.ts';
import type { Negotiated } from '../measure/negotiated.ts';
import type { Authentication, MqttVersion } from '../modes/axes.ts';
import type { Mode } from '../modes/mode.ts';
import type { Opening } from '../payload/opening.ts';
import type { Injected, TallyResult, ToldApart } from '../payload/tally.ts';
import type { Watched } from '../process/child.ts';
import type { Renewal } from '../process/renewable.ts';
import type { RuntimeName } from '../runtimes/index.ts';
import type { Access } from './peer.ts';

/** The broker of a cell, with every default in its place. */
export interface BrokerChoice {
  /** What it is called in cells: its label, or its name and what is unusual about it (`aedes-nagle`). */
  id: string;
  /** Of its kind, in the list of `index.ts`. */
  name: string;
  /** First port of the listeners, one after another; undefined: any free ports. */
  port: number | undefined;
  noDelay: boolean;
  /** What a broker that is embedded runs on. */
  runtime: RuntimeName;
  /** What else the scenario says, as the {@link BrokerKind.shape} of its kind reads it. */
  options: Readonly<Record<string, unknown>>;
}

/** What a broker stamped of one connection. Instants are microseconds of the monotonic clock. */
export interface BrokerRecord {
  clientId: string;
  acceptedUs: number;
  handshakeDoneUs?: number | undefined;
  connectReceivedUs: number;
  connackSentUs?: number | undefined;
  publishReceivedUs?: number | undefined;
  negotiated: Negotiated;
  /** What it had to ask of access management, in order; absent where it has none. */
  access?: AccessDecision[] | undefined;
}

/** A connection that never came to CONNECT, with the broker's own reason. */
export interface BrokerRefusal {
  mode: string;
  atUs: number;
  reason: string;
}

export interface BrokerOptions {
  choice: BrokerChoice;
  /** The address to listen on: loopback, or one in a namespace of the run's own. */
  host: string;
  /** The modes to listen for, one listener each. */
  modes: readonly string[];
  /** The private folder of the run's PKI, where a broker puts files of its own too. */
  pkiFolder: string;
  /** Tells the processes of several brokers apart. */
  label?: string;
  /** Command that the process is started under. */
  prefix: readonly string[];
  onRecord: (record: BrokerRecord) => void;
  onRefusal: (refusal: BrokerRefusal) => void;
  /** Told once when the broker dies. */
  onCrash: (error: Error) => void;
}

/** A broker that accepts connections, until {@link RunningBroker.stop}. */
export interface RunningBroker {
  /** The listener of each mode that it has. */
  listeners: ReadonlyMap<string, Endpoint>;
  /** Why it has no listener for a mode. */
  unserved: ReadonlyMap<string, string>;
  /** Name and version, and what it runs on, as it says itself. */
  version: string;
  processes: readonly Watched[];
  /** How clients of a mode are let in where the run's own PKI is not enough; absent where it is. */
  access?: (mode: string) => Access;
  /** Opens what clients of a mode send, before it is distributed; absent of a broker that does not open payloads. */
  payloads?: (mode: string) => PayloadOpener;
  /** Sends what is not yet reported of finished and open connections. */
  flush(): Promise<void>;
  /** Ends its processes and starts them again on the same ports; absent where its kind does not {@link BrokerKind.restarts}. */
  restart?(): Promise<Renewal>;
  stop(): Promise<void>;
}

/** A broker that opens protected payloads. */
export interface PayloadOpener {
  /** From now on opens these, with the keys of the private folder; null: nothing any more. */
  open(opening: Opening | null): Promise<void>;
  /** What it made of messages since, those included that were altered on their way. */
  opened(injected: readonly Injected[]): Promise<TallyResult & ToldApart>;
}

/** Of what a broker is prepared in. */
export interface PrepareContext {
  /** The private folder of the run's PKI; what is prepared goes when the run ends. */
  pkiFolder: string;
  step: (text: string) => void;
  signal: AbortSignal;
}

/** A kind of broker: one file each, in the list of `index.ts`. */
export interface BrokerKind {
  name: string;
  title: string;
  /** The MQTT versions that it speaks. */
  mqttVersions: readonly MqttVersion[];
  /** What it can be told to let clients in by, beside nothing; absent: nothing else. */
  authentications?: readonly Authentication[];
  /**
   * Who tells what a connection was at the broker's end: the broker itself, or the link's tap there, for a broker that
   * is not the bench's own. One that tells by itself is told by the tap too.
   */
  stamps: 'broker' | 'wire';
  /** Keys that a scenario may give it beyond `name`, `label`, `port` and `noDelay`. */
  shape: z.ZodRawShape;
  /**
   * It runs already, perhaps on another machine: nothing of it is started or set, `port` and `noDelay` are its own
   * matter, no namespace of the run's own reaches it, and the user must say that load may be sent to it.
   */
  elsewhere?: true;
  /** Whether it can be ended and started again in the middle of a run; absent where it cannot. */
  restarts?: true;
  /** The keys of its shape with paths that count from the scenario's folder made absolute by the given function. */
  withPaths?(options: BrokerChoice['options'], absolute: (path: string) => string): BrokerChoice['options'];
  /** Throws a BenchError, before anything is started, for a choice with which nothing could be. */
  check?(choice: BrokerChoice): Promise<void>;
  /**
   * Makes what its start needs and takes long, such as a build of it, before anything is measured or even calibrated;
   * tells each step, and ends with the signal. Throws a BenchError. Absent: its start needs nothing.
   */
  prepare?(choice: BrokerChoice, context: PrepareContext): Promise<void>;
  /** The name by which clients verify its certificate, where that is not one of the run's own PKI. */
  peerName?(mode: Mode, choice: BrokerChoice): string | undefined;
  /** What this machine lacks for it, and how to mend that; undefined when it can be started. */
  lack(): Promise<string | undefined>;
  /** Name and version of what is installed here, where {@link lack} finds nothing; absent where nobody could tell. */
  version?(): Promise<string>;
  /** Why it cannot serve a mode, by its own documentation; undefined when it can, or when only trying tells. */
  cannot(mode: Mode, choice: BrokerChoice): string | undefined;
  /** Why it takes no PUBLISH at QoS 2, by its own documentation; absent or undefined: it does. */
  qos2Lack?(): Promise<string | undefined>;
  /** Why it cannot open protected payloads before it distributes them; absent: it has no way to; undefined: it can. */
  opensPayloads?(choice: BrokerChoice): string | undefined;
  /** What it denies clients whose credentials are right, by its settings (`topic`: both); absent or undefined: nothing. */
  denies?(choice: BrokerChoice): 'connect' | 'publish' | 'subscribe' | 'topic' | undefined;
  start(options: BrokerOptions): Promise<RunningBroker>;
}
