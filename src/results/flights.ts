import { FIRST_DATA, type Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { hopFlights, hopTripsTo, type HopFlight, type HopTrips, type PathTheory } from '../model/hops.ts';
import { predict, tripsMs, type LinkTimes, type OneWayDelays } from '../model/predict.ts';
import { TCP_FLIGHTS, type SizedFlight } from '../model/serialization.ts';
import { tripsTo, type Theory, type TheoryFlight } from '../model/theory.ts';
import { median } from '../stats/median.ts';
import type { FlightRow } from './schema.ts';

/** Where a client is turned away, its refusal stands in the place of first data. */
const REFUSED = 'refused' satisfies Milestone;

/**
 * The reference table of a cell, row by row: what leaves when, predicted beside measured, until the broker holds the
 * first data; with a `hop` those between client, hop and broker. `modelledConnect` says that the TCP handshake was stood in for, and with it when the first flight leaves.
 */
export function flightRows(
  samples: readonly Sample[],
  theory: Theory,
  link: LinkTimes,
  modelledConnect: boolean,
  hop?: { path: PathTheory; inner: OneWayDelays },
): FlightRow[] {
  if (hop !== undefined) return hopRows(samples, theory, link, modelledConnect, hop);
  const sized = sizedFlights(samples);
  const predicted = (trips: number): Pick<FlightRow, 'trips' | 'predictedMs'> => {
    const { trips: all, ms } = predict(trips, sized, link);
    return { trips: all, predictedMs: ms };
  };
  const goal = goalOf(theory);
  const arrival = tripsTo(theory, goal) ?? theory.flights.length;
  const rows = theory.flights.slice(0, arrival).map((flight, trips): FlightRow => {
    const seen = samples.flatMap((sample) => departure(sample, flight, trips));
    return {
      from: flight.from,
      what: `${flight.sends.join(', ')} ${flight.sends.length === 1 ? 'leaves' : 'leave'}`,
      ...predicted(trips),
      ...timing(seen),
      source: modelledConnect && trips === TCP_FLIGHTS ? 'modelled' : 'measured',
    };
  });
  const held = samples.flatMap(({ milestonesMs }) => milestonesMs[goal] ?? []);
  const last: FlightRow = {
    ...lastRow(goal),
    ...predicted(arrival),
    ...timing(held.map((leavesMs) => ({ leavesMs }))),
    source: 'measured',
  };
  return [...rows, last];
}

type Goal = typeof FIRST_DATA | typeof REFUSED;

function goalOf(theory: Theory, path?: PathTheory): Goal {
  return path?.kind === 'closed' || tripsTo(theory, FIRST_DATA) === undefined ? REFUSED : FIRST_DATA;
}

function lastRow(goal: Goal): Pick<FlightRow, 'from' | 'what'> {
  return goal === FIRST_DATA
    ? { from: 'broker', what: 'the broker holds the first byte of CONNECT' }
    : { from: 'client', what: 'the client learns that it is refused' };
}

/**
 * The table of a cell behind a hop, in the order in which its flights leave in theory. It ends with what is waited for,
 * unless that is nothing: when a client gives up that nobody answers is its own matter.
 */
function hopRows(
  samples: readonly Sample[],
  theory: Theory,
  link: LinkTimes,
  modelledConnect: boolean,
  { path, inner }: { path: PathTheory; inner: OneWayDelays },
): FlightRow[] {
  const sized = sizedFlights(samples);
  const links = { outer: link, inner };
  const predicted = (trips: HopTrips): Pick<FlightRow, 'trips' | 'innerTrips' | 'predictedMs'> => {
    const { trips: all, ms } = predict(trips.outer, sized.slice(0, trips.outer), link);
    return { trips: all, innerTrips: trips.inner, predictedMs: ms + tripsMs(trips.inner, inner) };
  };
  const rows = hopFlights(path, theory, links).map((flight): FlightRow => ({
    from: flight.from,
    to: flight.to,
    what: `${flight.sends.join(', ')} ${flight.sends.length === 1 ? 'leaves' : 'leave'}`,
    ...predicted(flight.departs),
    ...timing(samples.flatMap((sample) => hopDeparture(sample, flight, path))),
    source:
      modelledConnect && flight.of?.connection === 'outer' && flight.of.index === TCP_FLIGHTS
        ? 'modelled'
        : 'measured',
  }));
  const sorted = rows.toSorted((a, b) => a.predictedMs - b.predictedMs);
  const goal = goalOf(theory, path);
  const arrival = hopTripsTo(path, theory, goal, links);
  if (arrival === undefined) return sorted;
  const held = samples.flatMap(({ milestonesMs }) => milestonesMs[goal] ?? []);
  const last: FlightRow = {
    ...lastRow(goal),
    ...predicted(arrival),
    ...timing(held.map((leavesMs) => ({ leavesMs }))),
    source: 'measured',
  };
  return [...sorted, last];
}

function hopDeparture(sample: Sample, { from, of }: HopFlight, path: PathTheory): Departure[] {
  const at = (leavesMs: number | undefined): Departure[] => (leavesMs === undefined ? [] : [{ leavesMs }]);
  if (of === undefined) return at(sample.inner?.forwardedMs);
  if (of.connection === 'inner') {
    if (of.index === 0) return at(sample.inner?.dialledMs);
    if (of.index === 1) return at(sample.inner?.acceptedMs);
    const seen = sample.inner?.flights?.[of.index - TCP_FLIGHTS];
    return seen !== undefined && seen.from === (from === 'broker' ? 'broker' : 'client') ? [seen] : [];
  }
  // What a client starts with is the tunnel that it raises; when its SYN gets on its way, nobody stamps.
  if (of.connection === 'tunnel') return of.index === 0 ? at(sample.startLateMs) : [];
  if (path.kind === 'through' && path.before > 0 && of.index === 0) return [];
  // Where packets go through, the outer link sees the broker's as they pass the hop.
  if (path.kind === 'through' && from === 'broker') return [];
  // What the broker's TCP answers is stamped, not what a router answers in its place.
  if (path.kind === 'closed' && from === 'hop') return [];
  return departure(sample, { from: from === 'client' ? 'client' : 'broker' }, of.index);
}

/**
 * The flights of a cell from the SYN on with the median bytes of each, those after CONNACK too. They alternate, so
 * each is told by its place; what came from the other end than its place says is left out. SYN and SYN-ACK carry none.
 */
export function sizedFlights(samples: readonly Sample[]): SizedFlight[] {
  const most = Math.max(0, ...samples.map(({ flights }) => flights.length));
  return Array.from({ length: TCP_FLIGHTS + most }, (_, index): SizedFlight => {
    const from = index % 2 === 0 ? 'client' : 'broker';
    const bytes = samples.flatMap(({ flights }) => {
      const seen = flights[index - TCP_FLIGHTS];
      return seen?.from === from ? [seen.bytes] : [];
    });
    return { from, bytes: bytes.length === 0 ? undefined : median(bytes) };
  });
}

interface Departure {
  leavesMs: number;
  bytes?: number;
}

function departure(sample: Sample, flight: Pick<TheoryFlight, 'from'>, trips: number): Departure[] {
  if (trips === 0) return [{ leavesMs: sample.startLateMs }];
  if (trips === 1) {
    const leavesMs = sample.milestonesMs.tcpAccepted;
    return leavesMs === undefined ? [] : [{ leavesMs }];
  }
  const seen = sample.flights[trips - TCP_FLIGHTS];
  return seen?.from === flight.from ? [seen] : [];
}

function timing(seen: readonly Departure[]): Pick<FlightRow, 'measuredMs' | 'count' | 'bytes'> {
  const bytes = seen.flatMap((departure) => departure.bytes ?? []);
  return {
    ...(seen.length === 0 ? {} : { measuredMs: median(seen.map(({ leavesMs }) => leavesMs)) }),
    count: seen.length,
    ...(bytes.length === 0 ? {} : { bytes: median(bytes) }),
  };
}
