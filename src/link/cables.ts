import type { Watched } from '../process/child.ts';
import type { Ends } from './addresses.ts';
import type { LinkSpec } from './spec.ts';

/** A network namespace of the run's own. */
export interface Namespace {
  readonly name: string;
  /** A process in it. */
  readonly pid: number;
  /** Command under which the processes in it must be started. */
  readonly prefix: readonly string[];
  /** Runs a command in it; answers its standard output. Throws an environment error (exit code 5) when it fails. */
  run(argv: readonly [string, ...string[]], input?: string): Promise<string>;
}

/** A namespace that was opened, and that ends with its last process. */
export interface OpenNamespace extends Namespace {
  /** The process that holds it. */
  readonly process: Watched;
  /** Sends packets that are for others on, by its routes. */
  forward(): Promise<void>;
  close(): Promise<void>;
}

/** One end of a cable, in its namespace. */
export interface CableEnd {
  namespace: Namespace;
  device: string;
  address: string;
}

/** A link between two namespaces, whose ends are up and know each other. */
export interface Cable extends Ends<CableEnd> {
  link: LinkSpec;
  /** An address of the cable's network that no end has: for what is reached over it. `number` from 3 to 254. */
  further(number: number): string;
}

/** Whose connections a cable tells: those of the clients' own link (`near`), or of one that their packets cross after it. */
export type Tap = 'none' | 'near' | 'far';

/**
 * What a backend offers that can lay links between any two namespaces, so that packets cross routers on their way: each
 * is carried as it is, with the delay, loss and rate of its direction.
 */
export interface Cables {
  /** Where the clients run. */
  readonly clients: Namespace;
  /** Makes a namespace, with the same TCP as the clients have. `onCrash` is told once when its process dies. */
  namespace(name: string, onCrash: (error: Error) => void): Promise<OpenNamespace>;
  /** Lays a link between two namespaces. The connections of one that is tapped are told as flows of the link. */
  lay(link: LinkSpec, between: Ends<Namespace>, options: { tap: Tap }): Promise<Cable>;
}
