import { FIRST_DATA } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { tripsMs, type OneWayDelays } from '../model/predict.ts';
import { tripsTo, type Theory, type TheoryFlight } from '../model/theory.ts';
import { median } from '../stats/median.ts';
import type { FlightRow } from './schema.ts';

/** TCP's SYN and SYN-ACK carry no data, so the link's record of flights begins after them. */
const TCP_FLIGHTS = 2;

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
  const firstData = tripsTo(theory, FIRST_DATA) ?? theory.flights.length;
  const rows = theory.flights.slice(0, firstData).map((flight, trips): FlightRow => {
    const seen = samples.flatMap((sample) => departure(sample, flight, trips));
    return {
      from: flight.from,
      what: `${flight.sends.join(', ')} ${flight.sends.length === 1 ? 'leaves' : 'leave'}`,
      trips,
      ...timing(seen, trips, link),
      source: modelledConnect && trips === TCP_FLIGHTS ? 'modelled' : 'measured',
    };
  });
  const held = samples.flatMap(({ milestonesMs }) => milestonesMs[FIRST_DATA] ?? []);
  return [
    ...rows,
    {
      from: 'broker',
      what: 'the broker holds the first byte of CONNECT',
      trips: firstData,
      ...timing(
        held.map((leavesMs) => ({ leavesMs })),
        firstData,
        link,
      ),
      source: 'measured',
    },
  ];
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
