import type { Endpoint } from '../link/backend.ts';

/** Which connection to the broker a hop opened for a client, as the log of a program tells that is not the bench's own. */
export interface HopPassage {
  /** The client's end as the hop sees it, and the port of the hop that it dialled. */
  client: DiallingEnd;
  /** The hop's own end towards the broker, and the port that it dialled. */
  local: DiallingEnd;
}

/** One end of a connection: a port of its own may stand towards several others at one time. */
export type DiallingEnd = Endpoint & { dialledPort: number };
