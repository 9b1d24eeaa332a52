import type { Distribution } from '../results/schema.ts';
import { modeName } from './mode-name.ts';

/** How the clients of a fleet connected, in the order in which that is told. */
export const WAYS = ['without TLS', 'in full', 'resumed'] as const;
export type Way = (typeof WAYS)[number];

/** Times of a mode's clients, with the way in which they connected. */
export interface WayTimes {
  mode: string;
  way: Way;
  times: Distribution;
}

/** The times of a mode's clients, so many of which resumed a session; nothing where nobody was timed. */
export function wayTimes(mode: string, resumed: number, times: Distribution | undefined): WayTimes[] {
  if (times === undefined || times.count === 0) return [];
  const isPlain = modeName(mode).family === 'plain';
  return [{ mode, way: isPlain ? 'without TLS' : resumed > 0 ? 'resumed' : 'in full', times }];
}
