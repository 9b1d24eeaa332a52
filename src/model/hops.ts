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
  const first = tripsTo(theory, 'connectReceived');
  // Who is refused after CONNECT is refused by the broker, behind the hop.
  const isOuter = OUTER_ONLY.has(milestone) && (milestone !== 'refused' || first === undefined);
  if (isOuter) return { outer: trips, inner: 0 };
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

/** The ends of a flight where there is a hop. */
export type HopEnd = 'client' | 'hop' | 'broker';

/** One flight on its way over one link, or over both. */
export interface HopFlight {
  from: HopEnd;
  to: HopEnd;
  sends: string[];
  /** Trips that are over when it leaves. */
  departs: HopTrips;
  /** Which flight of which connection it is, counted from that one's first; absent of what a hop passes on. */
  of?: { connection: 'tunnel' | 'outer' | 'inner'; index: number };
}

/** What stands for a tunnel's own messages, which each kind of tunnel names otherwise. */
const TUNNEL = 'tunnel handshake';

/** The flights until first data is at the broker, each connection's own in order. */
export function hopFlights(
  path: PathTheory,
  theory: Theory,
  links: { outer: OneWayDelays; inner: OneWayDelays },
): HopFlight[] {
  const first = tripsTo(theory, 'connectReceived') ?? theory.flights.length;
  const outer = theory.flights.slice(0, first);
  if (path.kind === 'through') {
    const tunnel = Array.from({ length: path.before }, (_, index): HopFlight => {
      const [from, to] = index % 2 === 0 ? (['client', 'hop'] as const) : (['hop', 'client'] as const);
      const of = { connection: 'tunnel', index } as const;
      return { from, to, sends: [TUNNEL], departs: { outer: index, inner: 0 }, of };
    });
    const own = outer.map(({ from, sends }, index): HopFlight => ({
      from,
      to: from === 'client' ? 'broker' : 'client',
      sends,
      departs: { outer: path.before + index, inner: index },
      of: { connection: 'outer', index },
    }));
    return [...tunnel, ...own];
  }
  // Where the inner link is not on the way, the far end of the outer one is the broker's.
  const end = path.kind === 'aside' ? 'broker' : 'hop';
  const own = outer.map(({ from, sends }, index): HopFlight => ({
    from: from === 'client' ? 'client' : end,
    to: from === 'client' ? end : 'client',
    sends,
    departs: { outer: index, inner: 0 },
    of: { connection: 'outer', index },
  }));
  if (path.kind === 'aside') return own;
  // The SYN, and what a router that answers in the broker's place says to it.
  if (path.kind === 'closed')
    return own
      .slice(0, path.answered ? 2 : 1)
      .map((flight, index) => (index === 0 ? flight : { ...flight, sends: ['TCP RST'] }));
  const arrival = hopTripsTo(path, theory, 'connectReceived', links);
  return arrival === undefined ? own : [...own, ...innerFlights(path, theory, arrival)];
}

/** The flights of a hop's own connection; CONNECT leaves by itself where it comes after the handshake is done. */
function innerFlights(
  { inner, warm }: Extract<PathTheory, { kind: 'split' }>,
  theory: Theory,
  arrival: HopTrips,
): HopFlight[] {
  const data: HopFlight = {
    from: 'hop',
    to: 'broker',
    sends: ['CONNECT'],
    departs: { outer: arrival.outer, inner: arrival.inner - 1 },
  };
  const dials = tripsTo(theory, 'serverHandshakeDone');
  const handshake = inner.flights.slice(0, tripsTo(inner, 'connectReceived'));
  if (warm || dials === undefined) return [data];
  const before = handshake.flatMap(({ from, sends }, index): HopFlight[] => {
    const own = sends.filter((message) => message !== 'CONNECT');
    if (own.length === 0) return [];
    return [
      {
        from: from === 'client' ? 'hop' : 'broker',
        to: from === 'client' ? 'broker' : 'hop',
        sends: own,
        departs: { outer: dials, inner: index },
        of: { connection: 'inner', index },
      },
    ];
  });
  const last = before.at(-1);
  // Finished and CONNECT are one flight where CONNECT was waiting for it.
  const together =
    last?.from === 'hop' && arrival.outer === dials && last.departs.inner === arrival.inner - 1;
  return together && last !== undefined
    ? [...before.slice(0, -1), { ...data, sends: [...last.sends, 'CONNECT'] }]
    : [...before, data];
}
