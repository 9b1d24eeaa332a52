import type { Milestone } from '../../src/measure/milestones.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { hopFlights, hopTripsMs, hopTripsTo, type PathTheory } from '../../src/model/hops.ts';
import { TCP_FLIGHTS } from '../../src/model/serialization.ts';
import { milestoneDistributions } from '../../src/results/cell.ts';
import { flightRows, sizedFlights } from '../../src/results/flights.ts';
import { resultsSchema, type CellResult, type LinkResult, type Results } from '../../src/results/schema.ts';
import { tripsOf } from '../../src/results/trips.ts';
import { sampleWith } from '../helpers/samples.ts';
import { fixture, linkOf, theoryOf, type FixtureOptions } from './fixture.ts';

/** One of each way in which a connection meets a hop. */
export const PATHS = {
  firewall: { kind: 'through', before: 0 },
  'cold-tunnel': { kind: 'through', before: 2 },
  terminated: { kind: 'split', inner: theoryOf('plain'), warm: false },
  dmz: { kind: 'aside' },
  rejects: { kind: 'closed', answered: true },
  drops: { kind: 'closed', answered: false },
} satisfies Record<string, PathTheory>;

export const LINKS = { outer: { upMs: 34, downMs: 34 }, inner: { upMs: 5, downMs: 5 } };

/** What a client waits for that nobody answers. */
export const PATIENCE_MS = 2000;
/** How much later than intended clients start, and how much later than in theory everything else happens. */
export const LATE_MS = 0.5;
export const COMPUTE_MS = 1;

const SAMPLES = 40;
const MEASURED: Milestone[] = [
  'tcpConnected',
  'serverHandshakeDone',
  'clientHandshakeDone',
  'refused',
  'connectReceived',
  'connackSent',
  'connackReceived',
  'publishReceived',
  'delivered',
  'pubackReceived',
];

/** Results of modes behind a hop, 34 ms in front of it and 5 ms behind, from samples as theory would have them. */
export function behind(
  topology: keyof typeof PATHS,
  modes: NonNullable<FixtureOptions['modes']> = ['tls13'],
): Results {
  const results = fixture({ modes, links: { reference: 34 }, samples: SAMPLES });
  const path: PathTheory = PATHS[topology];
  return resultsSchema.parse({
    ...results,
    scenario: { ...results.scenario, question: 'What does a client see behind a hop?' },
    links: [exactly(linkOf('reference', 34)), exactly(linkOf('inner', 5))],
    cells: results.cells.map((cell) => cellBehind(cell, topology, path)),
    slopes: [],
    inferences: [],
    warnings: [],
  });
}

/** Such results by what is drawn of them. */
export const BEHIND_HOPS: Record<string, () => Results> = {
  'behind a firewall': () => behind('firewall', ['tls12', 'tls13']),
  'through a cold tunnel': () => behind('cold-tunnel'),
  'behind a hop that ends TLS': () => behind('terminated'),
  'in a DMZ': () => behind('dmz'),
  'refused at a closed port': () => behind('rejects', ['plain', 'tls13']),
  'dropped at a closed port': () => behind('drops'),
};

/** A link that does what it was asked for, so that figures can be counted by hand. */
function exactly(link: LinkResult): LinkResult {
  const { upMs, downMs } = link.requested;
  return {
    ...link,
    measured: { ...link.measured, upMs, downMs },
    trip: { upMs, downMs, source: 'measured' },
  };
}

function cellBehind(cell: CellResult, topology: string, path: PathTheory): CellResult {
  const { bytes, wire, ...rest } = cell;
  const theory = theoryOf(cell.mode);
  const sample = sampleOf(cell.mode, path);
  const good = Array.from({ length: SAMPLES }, () => sample);
  const { milestones, service } = milestoneDistributions(good, new Set());
  const closed = path.kind === 'closed';
  return {
    ...rest,
    id: cell.id.replace('/direct/', `/${topology}/`),
    topology,
    path: { kind: path.kind, innerLink: 'inner' },
    negotiated: closed ? { 'no connection: the port is closed': SAMPLES } : cell.negotiated,
    milestones,
    service,
    trips: tripsOf(milestones, {
      theory,
      link: LINKS.outer,
      flights: sizedFlights(good),
      pureDelay: true,
      overNull: undefined,
      hop: { path, inner: LINKS.inner, overOther: undefined },
    }),
    flights: flightRows(good, theory, LINKS.outer, false, { path, inner: LINKS.inner }),
    ...(closed || bytes === undefined ? {} : { bytes }),
    ...(closed || wire === undefined ? {} : { wire }),
  };
}

/** A connection that takes theory's trips and a little compute, as far as somebody looks. */
export function sampleOf(mode: string, path: PathTheory): Sample {
  const theory = theoryOf(mode);
  const milestonesMs = Object.fromEntries(
    MEASURED.flatMap((name) => {
      const trips = hopTripsTo(path, theory, name, LINKS);
      return trips === undefined ? [] : [[name, hopTripsMs(trips, LINKS) + COMPUTE_MS]];
    }),
  );
  const leaving = hopFlights(path, theory, LINKS).map((flight) => ({
    ...flight,
    leavesMs: hopTripsMs(flight.departs, LINKS) + COMPUTE_MS,
  }));
  const seen = (connection: 'outer' | 'inner', near: string) =>
    leaving
      .filter(({ of }) => of?.connection === connection && of.index >= TCP_FLIGHTS)
      .map(({ from, leavesMs }) => ({
        from: from === near ? ('client' as const) : ('broker' as const),
        leavesMs,
        bytes: 200,
      }));
  const innerAt = (index: number): number | undefined =>
    leaving.find(({ of }) => of?.connection === 'inner' && of.index === index)?.leavesMs;
  const accepted = leaving.find(({ of }) => of?.connection === 'outer' && of.index === 1)?.leavesMs ?? 0;
  const isNear = path.kind === 'split' || path.kind === 'aside';
  const isSilent = path.kind === 'closed' && !path.answered;
  return sampleWith({
    startLateMs: LATE_MS,
    milestonesMs: {
      ...milestonesMs,
      ...(isNear ? { tcpAccepted: accepted } : {}),
      ...(isSilent ? { refused: PATIENCE_MS } : {}),
    },
    // Nobody looks into a tunnel, and there is nothing to see of a connection that does not come about.
    flights:
      path.kind === 'closed' || (path.kind === 'through' && path.before > 0) ? [] : seen('outer', 'client'),
    ...(path.kind === 'split'
      ? {
          inner: {
            dialledMs: innerAt(0),
            acceptedMs: innerAt(1),
            flights: seen('inner', 'hop'),
            forwardedMs: leaving.find(({ of }) => of === undefined)?.leavesMs,
          },
        }
      : {}),
  });
}
