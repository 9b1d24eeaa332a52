import type { Endpoint } from '../link/backend.ts';

/** What stands between the link and the broker: one file each, in the list of `index.ts`. */
export interface Topology {
  readonly name: string;
  readonly description: string;
  /** Builds the hops in front of a broker's listener and answers where the link must lead. */
  enter(listener: Endpoint): Promise<Entered>;
}

/** Hops that stand, until {@link Entered.close}. */
export interface Entered {
  entrance: Endpoint;
  close(): Promise<void>;
}
