import { FIRST_DATA, type Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { tripsMs, type OneWayDelays } from '../model/predict.ts';
import { slowStartRounds } from '../model/slow-start.ts';
import { tripsTo, type Theory, type TheoryFlight } from '../model/theory.ts';
import { median } from '../stats/median.ts';
import type { FlightRow } from './schema.ts';

/** TCP's SYN and SYN-ACK carry no data, so the link's record of flights begins after them. */
const TCP_FLIGHTS = 2;
/** Where a client is turned away, its refusal stands in the place of first data. */
const REFUSED = 'refused' satisfies Milestone;

/**
 * The reference table of a cell, row by row: what leaves when, predicted beside measured, until the broker holds the
 * first data. `modelledConnect` says that the TCP handshake was stood in for, and with it when the first flight leaves.
 */
export function flightRows(
  samples: readonly Sample[],
  theory: Theory,
  link: OneWayDelays,
  modelledConnect: boolean,
): FlightRow[] {
  const goal = tripsTo(theory, FIRST_DATA) === undefined ? REFUSED : FIRST_DATA;
  const arrival = tripsTo(theory, goal) ?? theory.flights.length;
  const rows = theory.flights.slice(0, arrival).map((flight, trips): FlightRow => {
    const seen = samples.flatMap((sample) => departure(sample, flight, trips));
    return {
      from: flight.from,
      what: `${flight.sends.join(', ')} ${flight.sends.length === 1 ? 'leaves' : 'leave'}`,
      trips,
      ...timing(seen, trips, link),
      source: modelledConnect && trips === TCP_FLIGHTS ? 'modelled' : 'measured',
    };
  });
  const held = samples.flatMap(({ milestonesMs }) => milestonesMs[goal] ?? []);
  const last: FlightRow = {
    from: goal === FIRST_DATA ? 'broker' : 'client',
    what:
      goal === FIRST_DATA
        ? 'the broker holds the first byte of CONNECT'
        : 'the client learns that it is refused',
    trips: arrival,
    ...timing(
      held.map((leavesMs) => ({ leavesMs })),
      arrival,
      link,
    ),
    source: 'measured',
  };
  return [...rows, last].map((row, index) => {
    const rounds = slowStartRounds(rows.slice(0, index).map(({ from, bytes }) => ({ from, bytes })));
    return {
      ...row,
      trips: row.trips + 2 * rounds,
      predictedMs: row.predictedMs + rounds * tripsMs(2, link),
    };
  });
}

interface Departure {
  leavesMs: number;
  bytes?: number;
}

function departure(sample: Sample, flight: TheoryFlight, trips: number): Departure[] {
  if (trips === 0) return [{ leavesMs: sample.startLateMs }];
  if (trips === 1) {
    const leavesMs = sample.milestonesMs.tcpAccepted;
    return leavesMs === undefined ? [] : [{ leavesMs }];
  }
  const seen = sample.flights[trips - TCP_FLIGHTS];
  return seen?.from === flight.from ? [seen] : [];
}

function timing(
  seen: readonly Departure[],
  trips: number,
  link: OneWayDelays,
): Pick<FlightRow, 'predictedMs' | 'measuredMs' | 'count' | 'bytes'> {
  const bytes = seen.flatMap((departure) => departure.bytes ?? []);
  return {
    predictedMs: tripsMs(trips, link),
    ...(seen.length === 0 ? {} : { measuredMs: median(seen.map(({ leavesMs }) => leavesMs)) }),
    count: seen.length,
    ...(bytes.length === 0 ? {} : { bytes: median(bytes) }),
  };
}
