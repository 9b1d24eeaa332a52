import type * as z from 'zod';
import type { BrokerRefusal } from '../broker/broker.ts';
import type { BackendAbility, Endpoint, OpenLink, Route } from '../link/backend.ts';
import type { LinkSpec } from '../link/spec.ts';
import type { PathTheory } from '../model/hops.ts';
import type { Mode } from '../modes/mode.ts';
import type { Watched } from '../process/child.ts';
import type { HopPassage } from './hop-passage.ts';
import type { HopRecord } from './hop-record.ts';
import type { Closed } from './rules.ts';

/** The topology of a cell, with every default in its place. */
export interface TopologyChoice {
  /** What it is called in cells: its label or its name. */
  id: string;
  /** Of its kind, in the list of `index.ts`. */
  name: string;
  /** What lies between its last hop and the broker; undefined where it has no hop. */
  innerLink: LinkSpec | undefined;
  /** What else the scenario says, as the {@link Topology.shape} of its kind reads it. */
  options: Readonly<Record<string, unknown>>;
}

/** What a topology is built from. */
export interface TopologyContext {
  choice: TopologyChoice;
  /** The open backend: outer and inner links are routes of it. */
  link: OpenLink;
  /** The private folder of the run's PKI, where hops put files of their own too. */
  pkiFolder: string;
  /** The modes of the cells that go through it. */
  modes: readonly string[];
  /** Told what a hop stamped of each client whose connection it ended. */
  onHop: (record: HopRecord) => void;
  /** Told which connection a hop that stamps nothing opened for which client, where nothing else tells. */
  onPassage: (passage: HopPassage) => void;
  /** Told of clients that a hop turned away. */
  onRefusal: (refusal: BrokerRefusal) => void;
  /** Told once when a hop dies. */
  onCrash: (error: Error) => void;
}

/** What stands between the link and the broker: one file each, in the list of `index.ts`. */
export interface Topology {
  readonly name: string;
  readonly description: string;
  /** Whether a link of its own leads from its last hop to the broker. */
  readonly hasInnerLink: boolean;
  /** What it takes of a link's backend; absent where every one will do. */
  readonly needs?: BackendAbility;
  /** Whether its open form has {@link OpenTopology.failPath}; absent where there is one path only. */
  readonly failsOver?: true;
  /** Keys that a scenario may give it beyond `name`, `label` and `innerLink`. */
  readonly shape: z.ZodRawShape;
  /** What this machine lacks for it, whatever the backend; undefined when it can be built. */
  lack(choice: TopologyChoice): Promise<string | undefined>;
  /** Why it makes no sense in a mode, such as a hop that ends TLS for clients without TLS; undefined when it does. */
  cannot(mode: Mode, choice: TopologyChoice): string | undefined;
  /** How a mode's flights cross the outer and the inner link; undefined where there is no hop. */
  path(mode: Mode, choice: TopologyChoice): PathTheory | undefined;
  /** The mode that the broker's own listener must have for clients of a mode: another one behind a hop that ends TLS. */
  brokerMode(mode: string, choice: TopologyChoice): string;
  /** What its hop is, where it ends the clients' connections; absent where every packet goes on to the broker. */
  ending?(choice: TopologyChoice): Ending;
  /** What becomes of its clients where all ports are closed to them; undefined, or absent, where they are let in. */
  closed?(choice: TopologyChoice): Closed | undefined;
  /** Whether the clients' own link shows something else than their connections, such as a tunnel; absent where it does not. */
  hides?: boolean;
  open(context: TopologyContext): Promise<OpenTopology>;
}

/** A hop that ends the clients' connections, and what may be expected of it. */
export interface Ending {
  /** Whether it tells what it stamped and negotiated of each client; foreign programs do not. */
  tells: boolean;
  /** Whether its connections to the broker stand before a client comes. */
  warm: boolean;
}

/** What clients of a mode are led to behind a topology. */
export interface Lane {
  mode: string;
  listener: Endpoint;
}

/** A route, through tunnels that are raised by each attempt where there are `tunnels`: its own host is for all others. */
export interface TopologyRoute extends Route {
  tunnels?: {
    /** Where, on loopback of the clients, cold tunnels are lent. */
    controlPort: number;
    /** Whether a tunnel must be raised before something can go through it, and is not by the first packet. */
    raises: boolean;
  };
}

/** A path that has failed; instants are microseconds of the monotonic clock. */
export interface PathFailure {
  /** Just before it was gone. */
  failedUs: number;
  /** Resolves when the routes of both sides lead over the other path, with that instant. */
  changedOver: Promise<number>;
}

/** Hops that stand, until {@link OpenTopology.close}. */
export interface OpenTopology {
  /** Where the brokers behind it run, and the address that they listen on. */
  broker: { prefix: readonly string[]; host: string };
  /** Told once, before any {@link OpenTopology.reach}, of all listeners that clients will come to. */
  prepare?(lanes: readonly Lane[]): Promise<void>;
  /** Lets clients of a mode reach a broker's listener over an outer link and all hops. */
  reach(link: LinkSpec, mode: string, listener: Endpoint): Promise<TopologyRoute>;
  /** The same for subscribers, where they stand somewhere else than the publishers; absent where they do not. */
  reachInside?(mode: string, listener: Endpoint): Promise<Route>;
  /** Cuts the power of what the clients' packets cross, where another path takes over by itself; absent where none does. */
  failPath?(): Promise<PathFailure>;
  /** Replaces what failed, so that there is a path to change over to again; comes after the change. */
  renewPath?(): Promise<void>;
  /** Its processes, for their usage and stalls. */
  processes: readonly Watched[];
  /** Sends what hops have not yet reported of finished and open connections. */
  flush?(): Promise<void>;
  close(): Promise<void>;
}
