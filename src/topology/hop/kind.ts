import type { Endpoint } from '../../link/backend.ts';
import type { Mode } from '../../modes/mode.ts';
import type { Watched } from '../../process/child.ts';
import type { InnerCertificate } from '../hop-record.ts';
import type { TopologyContext } from '../topology.ts';

/** What a hop is to do for the clients of one mode that one listener of a broker is for. */
export interface HopLane {
  mode: string;
  innerMode: string;
  /** Where to dial the broker, over the inner link. */
  target: Endpoint;
}

export interface HopStart {
  /** Tells its processes from those of other topologies. */
  label: string;
  lanes: readonly HopLane[];
  warm: boolean;
  innerCertificate: InnerCertificate;
  context: TopologyContext;
}

export interface RunningHop {
  /** Where each lane listens, in their order. */
  endpoints: readonly Endpoint[];
  processes: readonly Watched[];
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** What ends the clients' connections: one file each, in the list of `kinds.ts`. */
export interface HopKind {
  readonly name: string;
  /** Whether it tells what it stamped and negotiated of each client. */
  readonly tells: boolean;
  /** Whether it can keep connections to the broker ready before a client comes. */
  readonly keepsWarm: boolean;
  /** What this machine lacks for it; undefined when it can be started. */
  lack(): Promise<string | undefined>;
  /** Why it cannot be the broker of clients of a mode, by its own documentation; undefined when it can. */
  cannotServe(mode: Mode): string | undefined;
  /** Why it cannot dial a broker in a mode; undefined when it can. */
  cannotDial(mode: Mode): string | undefined;
  start(start: HopStart): Promise<RunningHop>;
}
