import type { Endpoint } from '../link/backend.ts';

/** Which connection to the broker a hop opened for a client, as the log of a program tells that is not the bench's own. */
export interface HopPassage {
  /** The client's end, as the hop sees it. */
  client: Endpoint;
  /** The hop's own end towards the broker, and the port that it dialled. */
  local: Endpoint & { dialledPort: number };
}
