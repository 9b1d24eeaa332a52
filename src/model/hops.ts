import type { Milestone } from '../measure/milestones.ts';
import { tripsMs, type OneWayDelays } from './predict.ts';
import { tripsTo, type Theory } from './theory.ts';

/**
 * How the flights of a connection cross two links one after another, from the clients' `outer` to the broker's `inner`.
 *
 * - `through`: every packet crosses both: routers, firewalls, tunnels. `before` are trips over the outer link that are
 *   over before the SYN gets on its way, such as those of a tunnel that is not yet up.
 * - `split`: a hop ends the clients' connections and has connections of its own to the broker, whose mode is `inner`. It
 *   dials when its side of the TLS handshake is done, or has dialled before (`warm`).
 * - `aside`: the inner link is the subscribers' own; the connection itself crosses the outer link alone.
 * - `closed`: a router at the end of the outer link lets no connection through, and says so or not (`answered`).
 */
export type PathTheory =
  | { kind: 'through'; before: number }
  | { kind: 'split'; inner: Theory; warm: boolean }
  | { kind: 'aside' }
  | { kind: 'closed'; answered: boolean };

export const PATH_KINDS = ['through', 'split', 'aside', 'closed'] as const satisfies PathTheory['kind'][];
export type PathKind = (typeof PATH_KINDS)[number];

/** One-way trips over each link. */
export interface HopTrips {
  outer: number;
  inner: number;
}

/** A SYN is answered by a reset (RFC 9293 §3.10.7.1). */
const RESET_TRIPS = 2;

/** Milestones at the clients or at the hop, which the inner link has no part in. */
const OUTER_ONLY: ReadonlySet<Milestone> = new Set([
  'tcpAccepted',
  'tcpConnected',
  'serverHandshakeDone',
  'clientHandshakeDone',
  'refused',
]);

/**
 * One-way trips over each link from the client's SYN until a milestone, or undefined where the mode does not have it.
 * Which trips are waited for may depend on the delays: the hop's dialling goes on while the client's data is under way.
 */
export function hopTripsTo(
  path: PathTheory,
  theory: Theory,
  milestone: Milestone,
  links: { outer: OneWayDelays; inner: OneWayDelays },
): HopTrips | undefined {
  if (path.kind === 'closed')
    return path.answered && milestone === 'refused' ? { outer: RESET_TRIPS, inner: 0 } : undefined;
  const trips = tripsTo(theory, milestone);
  if (trips === undefined) return undefined;
  if (path.kind === 'through') return { outer: trips + path.before, inner: trips };
  if (path.kind === 'aside')
    return milestone === 'delivered' ? { outer: trips - 1, inner: 1 } : { outer: trips, inner: 0 };
  if (OUTER_ONLY.has(milestone)) return { outer: trips, inner: 0 };
  const first = tripsTo(theory, 'connectReceived');
  if (first === undefined) return undefined;
  const data = firstData(path, theory, first, links);
  // From then on every flight crosses both.
  const more = trips - first;
  return { outer: data.outer + more, inner: data.inner + more };
}

/** First data is at the broker when the client's is at the hop and the hop's connection is ready, and one trip later. */
function firstData(
  { inner, warm }: Extract<PathTheory, { kind: 'split' }>,
  theory: Theory,
  first: number,
  links: { outer: OneWayDelays; inner: OneWayDelays },
): HopTrips {
  const waitsForClient = { outer: first, inner: 1 };
  const handshakeDone = tripsTo(theory, 'serverHandshakeDone');
  const innerFirst = tripsTo(inner, 'connectReceived');
  if (warm || handshakeDone === undefined || innerFirst === undefined) return waitsForClient;
  const waitsForDialling = { outer: handshakeDone, inner: innerFirst };
  return hopTripsMs(waitsForDialling, links) > hopTripsMs(waitsForClient, links)
    ? waitsForDialling
    : waitsForClient;
}

/** Time of these trips, without serialization and compute. */
export function hopTripsMs(
  { outer, inner }: HopTrips,
  links: { outer: OneWayDelays; inner: OneWayDelays },
): number {
  return tripsMs(outer, links.outer) + tripsMs(inner, links.inner);
}
