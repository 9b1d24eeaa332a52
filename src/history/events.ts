import type { CellResult, Distribution } from '../results/schema.ts';

/** Times of a fleet to which something happens once a run. */
export const EVENT_TIMES = ['connecting', 'reconnecting'] as const;
export type EventTime = (typeof EVENT_TIMES)[number];

/**
 * `connecting`: how long the clients of a fleet that comes all at one time, or to stay, took from their intended start to
 * CONNACK. `reconnecting`: how long they took to come back after a failure once they had noticed; before that it is their
 * keep-alive's. Undefined where a cell has no such time.
 */
export function eventTimeOf(
  { storm, hold, failover }: CellResult,
  what: EventTime,
): Distribution | undefined {
  return what === 'reconnecting' ? failover?.reconnecting : (storm ?? hold)?.connecting;
}
