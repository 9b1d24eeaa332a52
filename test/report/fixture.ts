import type { Calibration, DirectionMeasured } from '../../src/link/calibration/calibration.ts';
import { MODES } from '../../src/modes/index.ts';
import type { Milestone } from '../../src/measure/milestones.ts';
import { tripsMs } from '../../src/model/predict.ts';
import { tripsTo, type Theory } from '../../src/model/theory.ts';
import {
  resultsSchema,
  SCHEMA_VERSION,
  type CellResult,
  type Distribution,
  type LinkResult,
  type Results,
  type Throughput,
} from '../../src/results/schema.ts';
import { distributionOf } from '../../src/results/distribution.ts';
import { slopesOf } from '../../src/results/slopes.ts';
import { tripsOf } from '../../src/results/trips.ts';
import { seededRandom, type Random } from '../../src/scenario/random.ts';
import { inferencesOf, withIntervals } from './fixture-inferences.ts';

type ModeName = (typeof MODES)[number]['name'];

export interface FixtureOptions {
  modes?: ModeName[];
  /** One-way delay of each link, by its name. */
  links?: Record<string, number>;
  samples?: number;
  /** Adds a publish/subscribe cell for each of these modes on the first link. */
  load?: ModeName[];
  seed?: number;
}

/** Compute that each mode adds at its milestones, in milliseconds: about what two cores showed. */
const COMPUTE_MS: Record<string, number> = {
  plain: 0.3,
  'tls12-psk': 1.1,
  'tls13-psk': 1.4,
  tls12: 2.6,
  tls13: 2.4,
  mtls12: 4.4,
  mtls13: 4.1,
};
const MEASURED: Milestone[] = [
  'tcpAccepted',
  'tcpConnected',
  'serverHandshakeDone',
  'clientHandshakeDone',
  'connectReceived',
  'connackSent',
  'connackReceived',
  'publishReceived',
  'delivered',
  'pubackReceived',
];
/** The handshake of TLS 1.3, which stands for all. */
const WIRE: CellResult['wire'] = {
  handshakeUp: 312,
  handshakeDown: 814,
  recordsUp: 3,
  recordsDown: 6,
  messages: (
    [
      ['client', 'ClientHello', 243],
      ['broker', 'ServerHello', 122],
      ['broker', 'ChangeCipherSpec', 1],
      ['broker', 'encrypted', 23],
      ['broker', 'encrypted', 489],
      ['broker', 'encrypted', 96],
      ['broker', 'encrypted', 53],
      ['client', 'ChangeCipherSpec', 1],
      ['client', 'encrypted', 53],
    ] as const
  ).map(([from, name, bytes]) => ({ from, name, bytes, count: 200 })),
};
const DEFAULT_LINKS = { reference: 34, null: 0 };

/** Results as theory and a little noise would make them: valid, with real histograms, the same for the same seed. */
export function fixture(options: FixtureOptions = {}): Results {
  const modes = options.modes ?? MODES.map(({ name }) => name).filter((name) => name in COMPUTE_MS);
  const random = seededRandom(options.seed ?? 1);
  const links = Object.entries(options.links ?? DEFAULT_LINKS).map(([id, delay]) => linkOf(id, delay));
  const cells = links.flatMap((link) =>
    modes.map((mode) => handshakeCell(mode, link, options.samples ?? 200, random)),
  );
  addInferred(cells, links);
  const [firstLink] = links;
  if (firstLink !== undefined)
    cells.push(...(options.load ?? []).map((mode) => loadCell(mode, firstLink, random)));
  return resultsSchema.parse({
    schemaVersion: SCHEMA_VERSION,
    tool: { name: 'mqtt-tls-bench', version: '0.1.0' },
    startedAt: '2025-11-23T09:00:00.000Z',
    durationMs: 48_211.4,
    complete: true,
    seed: 7,
    environment: { node: 'v26.10.0', openssl: '3.5.8', cpus: 2, cpuModel: 'a processor', virtual: true },
    scenario: {
      name: 'reference',
      question: 'What do TLS 1.2 and TLS 1.3 cost before the broker holds the first byte, at 34 ms one way?',
      modes,
      rounds: options.samples ?? 200,
    },
    links,
    unsupported: [],
    cells,
    slopes: withIntervals(slopesOf(cells, links)),
    inferences: inferencesOf(slopesOf(cells, links)),
    processes: [
      { role: 'broker', cpuSeconds: 3.21, maxRssBytes: 98_566_144, loopDelayP99Ms: 1.31, stalls: 0 },
      { role: 'link', cpuSeconds: 9.8, maxRssBytes: 71_303_168, loopDelayP99Ms: 0.42, stalls: 0 },
      { role: 'swarm', cpuSeconds: 5.02, maxRssBytes: 120_586_240, loopDelayP99Ms: 2.04, stalls: 1 },
    ],
    warnings: ['The client’s TCP connect is modelled by the proxy, not measured.'],
  });
}

export function linkOf(id: string, delayMs: number): LinkResult {
  const measured = { upMs: delayMs + 0.06, downMs: delayMs + 0.05 };
  const direction = (value: number): DirectionMeasured => ({
    delayMs: { value, low: value - 0.02, high: value + 0.03, count: 100 },
    p99Ms: value + 0.25,
  });
  const calibration: Calibration = {
    up: direction(measured.upMs),
    down: direction(measured.downMs),
    floor: { upMs: 0.06, downMs: 0.05 },
    firstByte: { measuredMs: 3 * delayMs + 0.6, floorMs: 0.5 },
    attempts: 1,
    calibrated: true,
  };
  return {
    id,
    backend: 'proxy',
    tcp: 'modelled, after Linux with Reno',
    modelled: ['TCP handshake'],
    requested: { upMs: delayMs, downMs: delayMs, jitterUpMs: 0, jitterDownMs: 0, lossUp: 0, lossDown: 0 },
    measured: { ...measured, upP99Ms: delayMs + 0.3, downP99Ms: delayMs + 0.28, count: 100 },
    floor: calibration.floor,
    trip: { ...measured, source: 'measured' },
    calibrations: { before: calibration, after: calibration },
    traffic: {
      up: { packets: 8211, lost: 0, overflowed: 0 },
      down: { packets: 7480, lost: 0, overflowed: 0 },
    },
    lateness: { released: 12_000, p50Ms: 0.02, p99Ms: 0.31, maxMs: 1.9 },
    calibrated: true,
  };
}

function handshakeCell(mode: ModeName, link: LinkResult, samples: number, random: Random): CellResult {
  const theory = theoryOf(mode);
  const compute = COMPUTE_MS[mode] ?? 2;
  const latencyMs = (trips: number): number => tripsMs(trips, link.measured) + compute * (0.4 + trips / 12);
  const milestones = Object.fromEntries(
    MEASURED.flatMap((name) => {
      const trips = tripsTo(theory, name);
      if (trips === undefined) return [];
      const latencies = noisy(latencyMs(trips), compute / 3, samples, random);
      return [[name, described(latencies, name === 'tcpConnected' ? 'modelled' : 'measured')]];
    }),
  ) as CellResult['milestones'];
  return {
    ...identity(mode, link.id, 'handshake'),
    negotiated: { [mode === 'plain' ? 'no TLS' : `${mode}, TLS_AES_128_GCM_SHA256, X25519`]: samples },
    samples: { attempted: samples, ok: samples, failed: 0, excluded: 0, tainted: 0, warmup: 3, reasons: {} },
    milestones,
    service: milestones,
    trips: tripsOf(milestones, {
      theory,
      link: link.measured,
      flights: [],
      pureDelay: true,
      overNull: undefined,
    }),
    flights: flightsOf(theory, milestones, link, latencyMs),
    ...(mode === 'plain' ? {} : { bytes: { handshakeUp: 344, handshakeDown: 1210 }, wire: WIRE }),
  };
}

/** Rows as a run writes them: what leaves, and at the end that first data has come. */
function flightsOf(
  theory: Theory,
  { connectReceived }: CellResult['milestones'],
  link: LinkResult,
  latencyMs: (trips: number) => number,
): CellResult['flights'] {
  const firstData = tripsTo(theory, 'connectReceived') ?? 0;
  const leaving = theory.flights.slice(0, firstData).map(({ from, sends }, trips) => ({
    from,
    what: `${sends.join(', ')} ${sends.length === 1 ? 'leaves' : 'leave'}`,
    measuredMs: trips === 0 ? 0.02 : latencyMs(trips),
    ...(trips < 2 ? {} : { bytes: 80 * trips }),
  }));
  const arrived = {
    from: 'broker' as const,
    what: 'the broker holds the first byte of CONNECT',
    measuredMs: connectReceived?.p50Ms ?? 0,
  };
  return [...leaving, arrived].map((row, trips) => ({
    ...row,
    trips,
    predictedMs: tripsMs(trips, link.measured),
    source: trips === 2 ? 'modelled' : 'measured',
    count: connectReceived?.count ?? 0,
  }));
}

function loadCell(mode: ModeName, link: LinkResult, random: Random): CellResult {
  const perSecond = 200;
  const seconds = Array.from({ length: 10 }, (_, second) => {
    const latencies = noisy(2 * link.measured.upMs + 1 + second / 20, 1.5, perSecond, random);
    const { p50Ms, p95Ms, p99Ms } = described(latencies);
    const received = perSecond - Math.round(random.next() * 4);
    return { latencies, row: { second, sent: perSecond, received, p50Ms, p95Ms, p99Ms } };
  });
  const all = described(seconds.flatMap(({ latencies }) => latencies));
  const throughput: Throughput = {
    askedPerSecond: perSecond,
    sentPerSecond: perSecond,
    receivedPerSecond: perSecond - 1.2,
    publishers: 20,
    subscribers: 1,
    payloadBytes: 64,
    qos: 0,
    sent: perSecond * 10,
    received: perSecond * 10,
    lost: 0,
    lateSends: 3,
    endToEnd: all,
    service: all,
    seconds: seconds.map(({ row }) => row),
  };
  return {
    ...identity(mode, link.id, 'pubsub'),
    negotiated: {},
    samples: { attempted: 21, ok: 21, failed: 0, excluded: 0, tainted: 0, warmup: 0, reasons: {} },
    milestones: {},
    service: {},
    trips: {},
    flights: [],
    throughput,
  };
}

function identity(mode: string, link: string, workload: string) {
  const where = { mode, link, broker: 'aedes', topology: 'direct', workload };
  return { id: Object.values(where).join('/'), ...where };
}

export function theoryOf(name: string): Theory {
  const mode = MODES.find((candidate) => candidate.name === name);
  if (mode === undefined) throw new RangeError(`no mode ${name}`);
  return mode.theory;
}

/** Fills in what the medians over a null link say, where there is one. */
function addInferred(cells: CellResult[], links: LinkResult[]): void {
  const linkNamed = (name: string): LinkResult | undefined => links.find(({ id }) => id === name);
  for (const cell of cells) {
    const link = linkNamed(cell.link);
    const nullLink = links.find(({ requested }) => requested.upMs === 0 && requested.downMs === 0);
    const twin = cells.find((other) => other.mode === cell.mode && other.link === nullLink?.id);
    if (link === undefined || nullLink === undefined || twin === undefined || twin === cell) continue;
    const overNull = { milestones: twin.milestones, link: nullLink.measured };
    const context = {
      theory: theoryOf(cell.mode),
      qos: 1,
      link: link.measured,
      flights: [],
      pureDelay: true,
      overNull,
    } as const;
    cell.trips = tripsOf(cell.milestones, context);
  }
}

function described(
  latenciesMs: readonly number[],
  source: Distribution['source'] = 'measured',
): Distribution {
  const distribution = distributionOf(latenciesMs, source);
  if (distribution === undefined) throw new RangeError('a distribution needs samples');
  return distribution;
}

/** Durations around a middle with a tail to the right, as machines make them. */
function noisy(middleMs: number, spreadMs: number, count: number, random: Random): number[] {
  return Array.from({ length: count }, () => {
    const tail = -Math.log(1 - random.next()) * spreadMs;
    return Math.max(0.002, middleMs + (tail - 0.69 * spreadMs) * (random.next() < 0.03 ? 4 : 0.6));
  });
}
