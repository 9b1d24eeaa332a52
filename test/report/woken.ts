import { distributionOf } from '../../src/results/distribution.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import type { FixtureOptions } from './fixture.ts';

const SENSOR_RADIO = {
  name: 'nb-iot',
  description: 'NB-IoT',
  transmitMw: 545,
  receiveMw: 90,
  listenMw: 90,
  promotion: { mw: 100, seconds: 0.2 },
  tail: { mw: 3, seconds: 20 },
  sleepMw: 0.015,
  rateKbit: { up: 62, down: 26 },
  source: '3GPP TR 45.820 (2015)',
  synthetic: true,
};

/** What results are made wake-ups of. */
export const WOKEN = {
  modes: ['plain', 'tls12', 'tls13', 'mtls13'],
  links: { 'nb-iot': 420 },
} satisfies FixtureOptions;

/**
 * Makes handshakes wake-ups: with packets and energy, the third without a link that sees packets, and the fourth of sensors
 * that never slept again.
 */
export function wakeUp(results: Results, fail: (cell: CellResult) => void): void {
  results.slopes = [];
  results.inferences = [];
  for (const [index, cell] of results.cells.entries()) {
    cell.workload = 'wake';
    cell.id = cell.id.replace('/handshake', '/wake');
    const { pubackReceived: puback } = cell.milestones;
    const predicted = (cell.trips.pubackReceived?.predicted ?? 0) + 2;
    const predictedMs = predicted * 420.055;
    const awake = distributionOf(
      Array.from({ length: 40 }, (_, round) => predictedMs + 3 + round / 10),
      'measured',
    );
    if (puback === undefined || awake === undefined) throw new Error('an empty fixture');
    cell.milestones.disconnected = awake;
    cell.service = { ...cell.service, disconnected: awake };
    cell.trips.disconnected = { predicted, predictedMs, residualMs: awake.p50Ms - predictedMs };
    const parts = {
      promotion: 20,
      transmit: 60 + 40 * index,
      receive: 30 + 20 * index,
      listen: 300 + index,
      tail: 60,
    };
    const perWakeMillijoules = Object.values(parts).reduce((sum, part) => sum + part, 0);
    cell.wake = {
      qos: 1,
      payloadBytes: 64,
      messages: 1,
      bytes: { of: 'packets', up: 900 + index, down: 800, packetsUp: 9, packetsDown: 8 },
      energy: [{ radio: SENSOR_RADIO, source: 'modelled', perWakeMillijoules, parts }],
      breakEven: [60, 1200].map((keepAliveSeconds) => ({
        radio: 'nb-iot',
        source: 'modelled' as const,
        keepAliveSeconds,
        intervalSeconds: 900,
        connectMillijoules: perWakeMillijoules + 13,
        stayMillijoules: keepAliveSeconds === 60 ? 2100 : 150,
        ...(keepAliveSeconds === 60 ? { everySeconds: 180 } : { messages: 2 }),
      })),
    };
  }
  const [, , third, last] = results.cells;
  if (third?.wake !== undefined)
    third.wake = { ...third.wake, bytes: { of: 'stream', up: 400, down: 1300 }, energy: [], breakEven: [] };
  if (last === undefined) return;
  fail(last);
  delete last.wake;
}
