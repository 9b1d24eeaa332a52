import { distributionOf } from '../../src/results/distribution.ts';
import { resultsSchema, type CellResult, type Results } from '../../src/results/schema.ts';
import { fixture } from './fixture.ts';

/** Results of fleets alone, made of a cell of single connections. */
function fleets(cellsOf: (base: CellResult) => CellResult[]): Results {
  const results = fixture({ modes: ['plain'], links: { null: 0 } });
  const [base] = results.cells;
  if (base === undefined) throw new Error('a fixture without cells');
  return resultsSchema.parse({ ...results, slopes: [], inferences: [], cells: cellsOf(base) });
}

/** A cell of a fleet's workload, made of another one; undefined figures: it was cut short. */
function fleetCell(
  cell: CellResult,
  mode: string,
  workload: string,
  { samples, ...figures }: Partial<Pick<CellResult, 'storm' | 'hold' | 'failover' | 'samples'>>,
): CellResult {
  const { link, broker, topology, negotiated } = cell;
  const none = { attempted: 0, ok: 0, failed: 0, excluded: 0, tainted: 0, warmup: 0, reasons: {} };
  return {
    id: [mode, link, broker, topology, workload].join('/'),
    mode,
    link,
    broker,
    topology,
    workload,
    negotiated,
    samples: samples ?? none,
    milestones: {},
    service: {},
    trips: {},
    flights: [],
    ...figures,
  };
}

function between(count: number, fromMs: number, toMs: number) {
  return distributionOf(
    Array.from({ length: count }, (_, index) => fromMs + (index * (toMs - fromMs)) / Math.max(1, count - 1)),
    'measured',
  );
}

/** Storms: without TLS, in full with some lost, resumed, one that nobody came through, one that was cut short. */
export function afterStorm(): Results {
  return fleets((base) => {
    const storm = (mode: string, good: number, lastMs: number, resumes = false): CellResult => {
      const reasons: Record<string, number> = good < 1000 ? { 'tcp-timeout': 1000 - good } : {};
      return fleetCell(base, mode, 'storm', {
        samples: {
          attempted: 1000,
          ok: good,
          failed: 1000 - good,
          excluded: 0,
          tainted: 0,
          warmup: 20,
          reasons,
        },
        storm: {
          arrivals: 'at-once',
          after: 'nothing',
          clients: 1000,
          connected: good,
          resumed: resumes ? good : 0,
          attempts: 1000,
          reasons,
          lateStarts: 700,
          ...(good === 0
            ? {}
            : {
                lastConnackMs: lastMs,
                connectsPerSecond: (good * 1000) / lastMs,
                connecting: between(good, lastMs / 20, lastMs),
                service: between(good, 1, lastMs / 2),
              }),
          listenOverflows: good < 1000 ? 12 : 0,
          generator: { cpuShare: mode === 'plain' ? 0.4 : 0.97, loopDelayP99Ms: 31 },
          ...(mode === 'plain' ? {} : { brokerLoad: { cpuShare: 0.8 } }),
        },
      });
    };
    return [
      storm('plain', 1000, 140),
      storm('tls13', 990, 1530),
      storm('tls13-resumed', 1000, 980, true),
      storm('tls12-psk', 0, 0),
      fleetCell(base, 'tls12', 'storm', {}),
    ];
  });
}

/** Fleets that were held: without TLS, with it and some lost, at a broker that tells nothing, and one that was cut short. */
export function whileHeld(): Results {
  return fleets((base) => {
    const hold = (mode: string, held: number, kib: number, broker: number | undefined): CellResult => {
      const reasons: Record<string, number> = held < 1000 ? { 'lost:no-pingresp': 1000 - held } : {};
      return fleetCell(base, mode, 'hold', {
        samples: {
          attempted: 1000,
          ok: held,
          failed: 1000 - held,
          excluded: 0,
          tainted: 0,
          warmup: 20,
          reasons,
        },
        hold: {
          clients: 1000,
          connected: 1000,
          held,
          resumed: 0,
          reasons,
          lateStarts: 0,
          seconds: 20.01,
          keepAliveSeconds: 15,
          connecting: between(1000, 1, 9),
          pings: { due: 1333, late: 2, answered: 1333 - (1000 - held) },
          roundTrip: between(1300, 0.1, 2),
          perClient: {
            clientBytes: kib * 1024,
            clientCpuUsPerSecond: 21.25,
            ...(broker === undefined ? {} : { brokerBytes: broker * 1024, brokerCpuUsPerSecond: 9.5 }),
          },
          generator: { cpuShare: 0.03, loopDelayP99Ms: 1 },
        },
      });
    };
    return [
      hold('plain', 1000, 17, 8),
      hold('tls13', 980, 92, -0.4),
      hold('tls12', 1000, 88, undefined),
      fleetCell(base, 'tls13-psk', 'hold', {}),
    ];
  });
}

/** Clients whose path failed: in full, resumed, with some lost, and a mode that was cut short. */
export function afterFailure(): Results {
  const results = fixture({ modes: ['plain', 'tls12', 'tls13'], links: { reference: 34 } });
  const [plain, full, resumed] = results.cells;
  if (plain === undefined || full === undefined || resumed === undefined)
    throw new Error('a fixture without cells');
  const times = (count: number, fromMs: number, stepMs: number) =>
    distributionOf(
      Array.from({ length: count }, (_, index) => fromMs + index * stepMs),
      'measured',
    );
  const came = (back: number, resumes: boolean, tripsMs: number) => {
    const lost = 40 - back;
    const reasons: Record<string, number> = lost > 0 ? { 'tcp-timeout': lost } : {};
    return {
      samples: { attempted: 40, ok: back, failed: lost, excluded: 0, tainted: 0, warmup: 0, reasons },
      failover: {
        clients: 40,
        back,
        lost,
        resumed: resumes ? back : 0,
        attempts: 44,
        reasons,
        noticedBy: { 'no-pingresp': 40 },
        failedAtMs: 8000,
        changedOverAtMs: 9010,
        noticed: times(40, 1000, 120),
        returned: times(back, 1000 + tripsMs, 120),
        reconnecting: times(back, tripsMs, 0.5),
      },
    };
  };
  const cells = [
    fleetCell(plain, 'plain', 'failover', came(40, false, 235)),
    fleetCell(full, 'tls12', 'failover', came(37, false, 393)),
    fleetCell(resumed, 'tls13-resumed', 'failover', came(40, true, 315)),
    fleetCell(resumed, 'tls13', 'failover', {}),
  ];
  return resultsSchema.parse({ ...results, slopes: [], inferences: [], cells });
}
