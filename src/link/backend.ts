import type { Child } from '../process/child.ts';
import type { Protocol } from '../process/protocol.ts';
import type { Cables } from './cables.ts';
import type { Endpoint, Flow, ReleaseLateness } from './flow.ts';
import type { RecordedPacket, Recording } from './recorded.ts';
import type { LinkSpec } from './spec.ts';
import type { Traffic } from './traffic.ts';

export type { Endpoint, Flow, ReleaseLateness } from './flow.ts';
export type { RecordedPacket, Recording } from './recorded.ts';
export type { DirectionTraffic, Traffic } from './traffic.ts';

/** Where a client dials to reach a broker's listener over one link. */
export interface Route extends Endpoint {
  /** The id of the link that it crosses. */
  linkId: string;
  /**
   * Where the emulator stands in for the TCP handshake (a stream proxy: the kernel accepts before the proxy sees
   * anything), what a real link would have added to the client's connect. 0 where the handshake really crosses the link.
   */
  modelledConnectMs: number;
}

/** Whether a backend can work here. */
export type Availability =
  | { available: true; detail: string }
  | { available: false; reason: string; mend: string };

/** A way to put links between clients and brokers: one file each, named in `backends.ts`. */
export interface LinkBackend {
  readonly name: BackendName;
  /** Whether clients reach a broker that runs elsewhere; not from a namespace of the run's own. */
  readonly reachesElsewhere: boolean;
  /** Whether it tells every connection as a {@link Flow}, see {@link OpenLink.tapped}. */
  readonly tapped: boolean;
  /** Whose packets it can tell by {@link OpenOptions.onPackets}; absent where nothing sees any. */
  readonly records?: Recording;
  /** What it can do for topologies. */
  readonly abilities: readonly BackendAbility[];
  /** Tries whether it works on this machine, without leaving anything behind. */
  probe(): Promise<Availability>;
  /** What of a link this backend cannot reproduce, in words; empty when it can do all of it. */
  cannot(link: LinkSpec): string[];
  /** The commands that would make these links, for who wants to read them first; absent where it runs none. */
  explain?(links: readonly LinkSpec[], seed: number): string[];
  open(options: OpenOptions): Promise<OpenLink>;
}

/**
 * What a topology may need of a backend beyond links between clients and brokers: `cables`, {@link OpenLink.cables};
 * `hops`, that what stands at the brokers' end can dial over a link too, as a hop between two links does.
 */
export type BackendAbility = 'cables' | 'hops';

export type BackendName = 'netem' | 'none' | 'proxy' | 'tun';

export interface OpenOptions {
  /** What loss and jitter follow from; 1 when absent. */
  seed?: number;
  /** Told every finished connection. */
  onFlow: (flow: Flow) => void;
  /** Told every packet at the clients' end, in no order; without it none is recorded. Those on cables are not told. */
  onPackets?: (packets: RecordedPacket[]) => void;
  /** Told once when a part of the link dies. */
  onCrash: (error: Error) => void;
}

/** Links that stand, until {@link OpenLink.close}. */
export interface OpenLink {
  readonly backend: BackendName;
  /** Whose TCP carries the bytes, and with which congestion control: words for the results. */
  readonly tcp: string;
  /** What of TCP the backend stands in for; then what a link with loss, jitter or a rate makes of a connection is modelled. */
  readonly modelled: readonly string[];
  /** Whether every connection is told as a {@link Flow}. */
  readonly tapped: boolean;
  /** The address that brokers must listen on to be reached over this link. */
  readonly brokerHost: string;
  /** Commands under which the processes of each side must be started, such as one that enters a namespace. */
  readonly prefix: { client: readonly string[]; broker: readonly string[] };
  /** Links between namespaces, for packets that cross routers; absent where the backend cannot lay any. */
  readonly cables?: Cables;
  /** Lets clients reach a broker's listener over a link. */
  route(link: LinkSpec, target: Endpoint): Promise<Route>;
  /**
   * How late everything was released that had to wait; undefined where nothing is delayed. Every connection that has
   * finished by now, and every packet that was recorded, is told before this answers.
   */
  lateness(): Promise<ReleaseLateness | undefined>;
  /** What crossed each link until now, by its id; a link that nobody counts on is not in it. */
  traffic(): Promise<Map<string, Traffic>>;
  /** The processes that make the link, for their usage and stalls. */
  readonly children: readonly Child<Protocol>[];
  close(): Promise<void>;
}
