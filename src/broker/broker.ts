import type { MqttVersion } from '../modes/axes.ts';
import type { Endpoint } from '../link/backend.ts';
import type { Negotiated } from '../measure/negotiated.ts';
import type { Watched } from '../process/child.ts';
import type { RuntimeName } from '../runtimes/index.ts';

/** What a broker stamped of one connection. Instants are microseconds of the monotonic clock. */
export interface BrokerRecord {
  clientId: string;
  acceptedUs: number;
  handshakeDoneUs?: number | undefined;
  connectReceivedUs: number;
  connackSentUs?: number | undefined;
  publishReceivedUs?: number | undefined;
  negotiated: Negotiated;
}

/** A connection that never came to CONNECT, with the broker's own reason. */
export interface BrokerRefusal {
  mode: string;
  atUs: number;
  reason: string;
}

export interface BrokerOptions {
  /** The address to listen on: loopback, or one in a namespace of the run's own. */
  host: string;
  /** First port of the listeners, one after another; absent: the kernel chooses. */
  port?: number;
  /** The modes to listen for, one listener each. */
  modes: readonly string[];
  /** The private folder of the run's PKI. */
  pkiFolder: string;
  noDelay: boolean;
  /** What a broker that is embedded runs on; the bench's own Node when absent. */
  runtime?: RuntimeName;
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
  child: Watched;
  /** Processes of it beside that one. */
  others: readonly Watched[];
  /** Sends what is not yet reported of finished and open connections. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** A kind of broker: one file each, in the list of `index.ts`. */
export interface BrokerKind {
  name: string;
  title: string;
  /** The MQTT versions that it speaks. */
  mqttVersions: readonly MqttVersion[];
  start(options: BrokerOptions): Promise<RunningBroker>;
}
