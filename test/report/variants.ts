import { resultsSchema, type CellResult, type Results } from '../../src/results/schema.ts';
import { fixture, type FixtureOptions } from './fixture.ts';
import { BEHIND_HOPS } from './behind.ts';
import { wakeUp, WOKEN } from './woken.ts';
import { protectedLoads } from './fixture-protection.ts';
import { afterFailure, afterStorm, whileHeld } from './fleet-variants.ts';

/** Results with something changed, checked against the schema again. */
export function variant(options: FixtureOptions, change: (results: Results) => void): Results {
  const results = fixture(options);
  change(results);
  return resultsSchema.parse(results);
}

/** A cell all of whose attempts failed. */
export function withoutSamples(cell: CellResult): void {
  const { attempted } = cell.samples;
  cell.samples = {
    ...cell.samples,
    ok: 0,
    failed: attempted,
    reasons: { 'connect:ECONNREFUSED': attempted },
  };
  cell.milestones = {};
  cell.service = {};
  cell.trips = {};
  cell.flights = [];
  cell.negotiated = {};
  delete cell.bytes;
}

export const HOSTILE = `"><script>alert('x')</script>|\`_*\u001b[31m`;

/** Texts that try to leave their place wherever a text can stand. */
export function hostile(): Results {
  return variant({ modes: ['tls12', 'tls13'], load: ['tls13'] }, (results) => {
    results.scenario = { ...results.scenario, name: HOSTILE, question: HOSTILE };
    results.tool.version = HOSTILE;
    results.environment = { [HOSTILE]: HOSTILE };
    results.warnings = [HOSTILE];
    results.complete = false;
    results.incompleteBecause = HOSTILE;
    for (const link of results.links) {
      link.id = `${HOSTILE}${link.id}`;
      link.backend = HOSTILE;
    }
    for (const process of results.processes) process.role = HOSTILE;
    for (const cell of results.cells) {
      cell.mode = `${HOSTILE}${cell.mode}`;
      cell.link = `${HOSTILE}${cell.link}`;
      cell.broker = HOSTILE;
      cell.topology = HOSTILE;
      cell.workload = `${cell.workload}${HOSTILE}`;
      cell.id = HOSTILE;
      cell.negotiated = { [HOSTILE]: 1 };
      cell.samples.reasons = { [HOSTILE]: 1 };
      for (const flight of cell.flights) flight.what = `${HOSTILE}, ${flight.what}`;
    }
    for (const inference of results.inferences) {
      inference.mode = inference.broker = inference.topology = HOSTILE;
      inference.workload = `${inference.workload}${HOSTILE}`;
      inference.reasons = [{ name: 'nagle', evidence: HOSTILE }];
    }
  });
}

/** Nagle's algorithm at the broker, and what a run says of it; a mode that took too few rounds; one without a second delay. */
export function stalled(): Results {
  return variant({ modes: ['plain', 'tls12', 'tls13', 'mtls13'] }, (results) => {
    const [, few, stalled, alone] = results.inferences;
    if (few === undefined || stalled === undefined || alone === undefined)
      throw new Error('an empty fixture');
    few.verdict = 'inconclusive';
    for (const estimate of few.estimates) {
      estimate.verdict = 'inconclusive';
      estimate.because = 'There are too few rounds for an interval.';
      delete estimate.tripsLow;
      delete estimate.tripsHigh;
    }
    stalled.verdict = 'differs';
    const connack = stalled.estimates.find(({ milestone }) => milestone === 'connackReceived');
    if (connack !== undefined)
      Object.assign(connack, { trips: 7.99, tripsLow: 7.96, tripsHigh: 8.04, verdict: 'differs' });
    stalled.reasons = [
      {
        name: 'nagle',
        evidence:
          'Over reference CONNACK comes 109.9 ms later (median of 200 connections) than one trip after the broker wrote it.',
      },
    ];
    alone.verdict = 'inconclusive';
    alone.estimates = alone.estimates.map(({ milestone, theory }) => ({
      milestone,
      theory,
      attempts: 0,
      excluded: 0,
      verdict: 'inconclusive',
      because: 'No attempt came to it.',
    }));
  });
}

/** One of each kind of results that a report must be able to draw. */
/** Three brokers: one has all modes, one has no PSK and negotiates something else in one mode, one has no samples of another. */
function severalBrokers(): Results {
  return variant({ modes: ['plain', 'tls12', 'tls13', 'tls12-psk'] }, (results) => {
    const on = (broker: string, laterMs: number): CellResult[] =>
      structuredClone(results.cells).map((cell) => {
        const data = cell.milestones.connectReceived;
        if (data !== undefined) data.p50Ms += laterMs;
        return { ...cell, broker, id: cell.id.replace('/aedes/', `/${broker}/`) };
      });
    const mosquitto = on('mosquitto', 2);
    for (const cell of mosquitto.filter(({ mode }) => mode === 'tls13')) withoutSamples(cell);
    const nats = on('nats', 12).filter(({ mode }) => mode !== 'tls12-psk' && mode !== 'tls12');
    results.cells.push(...mosquitto, ...nats);
    results.unsupported.push(
      { mode: 'tls12-psk', broker: 'nats', reason: 'it has no pre-shared keys' },
      { mode: 'tls12', broker: 'nats', reason: 'it negotiated group = P-256', wrongParameters: true },
    );
  });
}

export const VARIANTS: Record<string, () => Results> = {
  'sensors that wake up': () => variant(WOKEN, (results) => wakeUp(results, withoutSamples)),
  'several brokers': severalBrokers,
  reference: () => fixture(),
  'stalled by Nagle’s algorithm': stalled,
  'with load': () => fixture({ modes: ['tls12', 'tls13'], load: ['tls12', 'tls13'] }),
  'load alone': () =>
    variant({ modes: ['tls13'], load: ['tls13'] }, (results) => {
      results.slopes = [];
      results.inferences = [];
      results.cells = results.cells.filter(({ throughput }) => throughput !== undefined);
    }),
  'protected payloads': protectedLoads,
  'after a failure': afterFailure,
  'after a storm': afterStorm,
  'while held': whileHeld,
  ...BEHIND_HOPS,
  'many delays': () => fixture({ links: { lan: 0.5, reference: 34, lte: 70 } }),
  incomplete: () =>
    variant({}, (results) => {
      results.complete = false;
      results.incompleteBecause = 'interrupted by SIGINT';
      const [first] = results.links;
      if (first !== undefined) {
        first.calibrated = false;
        Object.assign(first.calibrations.before, {
          calibrated: false,
          problem: 'up: 34 ms asked, 37.10 ms measured',
        });
      }
    }),
  'one cell without samples': () =>
    variant({}, (results) => {
      for (const cell of results.cells.filter(({ mode }) => mode === 'tls12')) withoutSamples(cell);
    }),
  'no samples at all': () =>
    variant({}, (results) => {
      results.slopes = [];
      for (const cell of results.cells) withoutSamples(cell);
    }),
  'no cells': () =>
    variant({}, (results) => {
      results.cells = [];
      results.slopes = [];
    }),
  'a mode missing': () =>
    variant({}, (results) => {
      results.cells = results.cells.filter(({ mode }) => mode !== 'mtls13');
    }),
  'one link': () => fixture({ links: { lte: 70 } }),
  'the null link alone': () => fixture({ links: { null: 0 } }),
  'one sample': () => fixture({ samples: 1, modes: ['tls13'] }),
  'a slow link': () =>
    variant({ links: { 'nb-iot': 420, null: 0 } }, (results) => {
      const [link] = results.links;
      if (link === undefined) return;
      Object.assign(link.requested, { jitterUpMs: 150, lossUp: 0.005, rateUpKbit: 26, rateDownKbit: 62 });
    }),
  'an undescribed link': () =>
    variant({}, (results) => {
      results.links = results.links.slice(1);
    }),
  'two brokers': () =>
    variant({ modes: ['plain', 'tls13'] }, (results) => {
      results.cells.push(
        ...results.cells.map((cell) => ({ ...cell, broker: 'mosquitto', id: `${cell.id}-2` })),
      );
    }),
  'twenty modes': () =>
    variant({}, (results) => {
      const more = results.cells.flatMap((cell) =>
        ['resumed-ticket', 'x25519mlkem768'].map((name) => ({ ...cell, mode: `${cell.mode}-${name}` })),
      );
      results.cells.push(...more);
    }),
  'axes in the names': () =>
    variant({}, (results) => {
      const every = [
        'key=ml-dsa-65+chain=5+padBytes=60000+suite=TLS_CHACHA20_POLY1305_SHA256+group=SecP256r1MLKEM768+crlEntries=100000+client=wrong-ca+pipelined=true+clientNoDelay=false',
        'suite=TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8',
        'pipelined=true',
      ];
      const more = results.cells.flatMap((cell) =>
        every.map((axes) => ({ ...cell, mode: `${cell.mode}+${axes}`, id: `${cell.id}+${axes}` })),
      );
      results.cells.push(...more);
    }),
  'a certificate ladder': () => certificateLadder(),
  hostile,
};

/** TLS 1.3 with certificates of four sizes, as slow start would have it, and a mode that is no rung. */
export function certificateLadder(): Results {
  return variant({ modes: ['tls13', 'plain'], links: { reference: 34 } }, (results) => {
    const [base] = results.cells;
    if (base === undefined) return;
    for (const [padBytes, rounds] of [
      [10_000, 0],
      [20_000, 1],
      [50_000, 2],
    ] as const) {
      const cell = structuredClone(base);
      cell.mode = `tls13+padBytes=${padBytes}`;
      cell.id = cell.id.replace('tls13', cell.mode);
      const data = cell.milestones.connectReceived;
      if (data !== undefined) {
        for (const figure of ['p50Ms', 'p50LowMs', 'p50HighMs', 'p95Ms'] as const)
          data[figure] += rounds * 68;
      }
      const trips = cell.trips.connectReceived;
      if (trips !== undefined && rounds > 0)
        cell.trips.connectReceived = {
          ...trips,
          predicted: trips.predicted + 2 * rounds,
          slowStartRounds: rounds,
          predictedMs: trips.predictedMs + rounds * 68,
        };
      for (const flight of cell.flights)
        if (/\bCertificate\b/.test(flight.what)) flight.bytes = 800 + padBytes;
      results.cells.push(cell);
    }
  });
}
