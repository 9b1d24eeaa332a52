import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RadioProfile } from '../../src/link/radios.ts';
import { resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { recordBytes, suiteNamed } from '../../src/modes/suites.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { wakeOf } from '../../src/results/wake.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { median } from '../../src/stats/median.ts';
import type { WakeWorkload } from '../../src/swarm/workloads/settings/wake.ts';
import { childrenOf } from '../helpers/processes.ts';
import { expectNothingLeft, measure, once, scenarioWith, wakes } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const tun = await hasTun();
const BACKENDS = tun ? (['tun', 'proxy'] as const) : (['proxy'] as const);
const DELAY_MS = 20;
const ROUNDS = 16;
const NEAR = resolveLink({ name: 'near', oneWayMs: DELAY_MS });
const NULL = resolveLink({ name: 'null', oneWayMs: 0 });

async function measured(
  backend: 'tun' | 'proxy',
  workload: Partial<WakeWorkload>,
  changes: Parameters<typeof scenarioWith>[0] = {},
): Promise<{ results: Results; samples: Sample[] }> {
  const scenario = scenarioWith({
    workloads: [wakes({ connectionsPerSecond: 12, ...workload })],
    links: [NEAR, NULL],
    rounds: ROUNDS,
    ...changes,
  });
  return measure(scenario, join(temporaryFolder(), 'run'), { backend });
}

function cellOf({ cells }: Results, mode: string, link = 'near'): CellResult {
  const found = cells.find((cell) => cell.mode === mode && cell.link === link);
  if (found === undefined) throw new Error(`No cell ${mode} over ${link}`);
  return found;
}

/** Good wake-ups of a cell, tainted or not: a busy machine must not turn these tests into a test of itself. */
function goodOf(samples: readonly Sample[], mode: string, link = 'near'): Sample[] {
  return samples.filter(
    ({ cell, outcome, warmup }) => cell.startsWith(`${mode}/${link}/`) && outcome.status === 'ok' && !warmup,
  );
}

/** The least time awake from the real start; over the null link that is the compute of both ends. */
function quickestIn(samples: readonly Sample[], mode: string, link: string): number {
  return Math.min(
    ...goodOf(samples, mode, link).map(
      ({ milestonesMs, startLateMs }) => (milestonesMs.disconnected ?? Number.NaN) - startLateMs,
    ),
  );
}

/** One-way trips until the socket is closed. */
const TRIPS = [
  [0, { plain: 6, tls13: 8, mtls12: 10 }],
  [1, { plain: 8, tls13: 10, mtls12: 12 }],
  [2, { plain: 10, tls13: 12, mtls12: 14 }],
] as const;

describe.each(BACKENDS)('over the %s', (backend) => {
  test.each(TRIPS.filter(([qos]) => backend === 'tun' || qos === 1))(
    'QoS %d: the time awake is what theory says',
    async (qos, trips) => {
      const { results, samples } = await measured(backend, { qos });
      for (const [mode, count] of Object.entries(trips)) {
        const cell = cellOf(results, mode);
        expect(cell.samples).toMatchObject({ attempted: ROUNDS, ok: ROUNDS, failed: 0, excluded: 0 });
        const predictedMs = count * DELAY_MS + quickestIn(samples, mode, 'null');
        // Less than half a trip, so that none is missing and none too many, however slow the machine.
        expect(Math.abs(quickestIn(samples, mode, 'near') - predictedMs)).toBeLessThan(DELAY_MS / 2);
        const own = goodOf(samples, mode);
        for (const { milestonesMs, startLateMs } of own)
          expect(milestonesMs.disconnected).toBeGreaterThan(count * DELAY_MS - 1 + startLateMs);
        // On a machine that is too busy the link tells of a connection when nobody waits for it any more.
        const seen = own.filter(({ flights }) => flights.length > 2);
        expect(seen.length).toBeGreaterThan(own.length / 2);
        expect(seen.filter(({ packets }) => packets !== undefined)).toHaveLength(
          backend === 'tun' ? seen.length : 0,
        );
      }
      await expectNothingLeft();
    },
  );
});

const RADIO: RadioProfile = {
  name: 'ours',
  transmitMw: 300,
  receiveMw: 100,
  listenMw: 50,
  tail: { mw: 20, seconds: 2 },
  sleepMw: 0.1,
  rateKbit: { up: 1000, down: 1000 },
  source: 'the test',
  synthetic: true,
};

test.skipIf(!tun)('bytes and packets are those of the link, and energy is modelled from them', async () => {
  const workload = { radios: [RADIO], keepAliveSeconds: [60, 600] };
  const modes = ['plain', 'tls12-psk', 'tls13'];
  const { samples } = await measured('tun', workload, { modes, links: [NEAR] });
  const ups: number[] = [];
  for (const mode of modes) {
    const own = goodOf(samples, mode);
    for (const { packets, flights } of own) {
      const { up = 0, down = 0, bytesUp = 0, bytesDown = 0 } = packets ?? {};
      const stream = (end: string): number =>
        flights.reduce((sum, { from, bytes }) => sum + (from === end ? bytes : 0), 0);
      // Each packet has at least 40 bytes of headers, and at most 60.
      expect(bytesUp - stream('client')).toBeGreaterThanOrEqual(40 * up);
      expect(bytesUp - stream('client')).toBeLessThanOrEqual(60 * up);
      expect(bytesDown - stream('broker')).toBeGreaterThanOrEqual(40 * down);
      // SYN, its acknowledgement, CONNECT, PUBLISH, DISCONNECT and FIN, and what a kernel acknowledges by itself.
      expect(up).toBeGreaterThanOrEqual(6);
    }
    const cell = { index: 0, mode, link: 'near', workload: wakes(workload), times: { upMs: 20, downMs: 20 } };
    const { bytes = { of: '', up: 0, down: 0 }, energy = [], breakEven = [] } = wakeOf(own, cell) ?? {};
    ups.push(bytes.up);
    expect(bytes.of).toBe('packets');
    const awakeSeconds =
      median(own.map(({ milestonesMs }) => milestonesMs.disconnected ?? Number.NaN)) / 1000;
    const [upSeconds, downSeconds] = [(bytes.up * 8) / 1e6, (bytes.down * 8) / 1e6];
    const [{ parts, perWakeMillijoules } = { parts: undefined, perWakeMillijoules: 0 }] = energy;
    expect(parts).toEqual({
      promotion: 0,
      transmit: expect.closeTo(300 * upSeconds, 6),
      receive: expect.closeTo(100 * downSeconds, 6),
      listen: expect.closeTo(50 * (awakeSeconds - upSeconds - downSeconds), 6),
      tail: 40,
    });
    expect(perWakeMillijoules).toBeGreaterThan(45);
    expect(breakEven.map(({ keepAliveSeconds }) => keepAliveSeconds)).toEqual([60, 600]);
    // What is modelled of a connection that stands has the records that the link saw: PUBACK's among them.
    const { suite } = modeNamed(mode).expected;
    const sizesDown = own[0]?.flights.filter(({ from }) => from === 'broker').map((flight) => flight.bytes);
    expect(sizesDown).toContain(suite === undefined ? 4 : recordBytes(4, suiteNamed(suite)));
  }
  // TLS 1.2 has more packets to acknowledge, TLS 1.3 larger ones.
  expect(Math.min(...ups.slice(1))).toBeGreaterThan(2 * (ups[0] ?? 0) - 200);
  expect(ups[0]).toBeGreaterThan(300);
});

test('sessions are resumed at each wake-up, and several messages leave together', async () => {
  const modes = ['tls12-resumed-ticket', 'tls13-resumed', 'tls13-psk'];
  const { results, samples } = await measured(
    'proxy',
    { messagesPerWake: 5 },
    { modes, links: [NEAR], rounds: 5 },
  );
  for (const mode of modes) {
    const cell = cellOf(results, mode);
    expect(cell.samples).toMatchObject({ attempted: 5, ok: 5 });
    expect(Object.keys(cell.negotiated)[0]).toMatch(mode === 'tls13-psk' ? /PSK/ : /resumed/);
    for (const { flights } of goodOf(samples, mode)) {
      // As many flights as one message has: ClientHello to CONNACK, all PUBLISH, all PUBACK, DISCONNECT.
      const senders = flights.slice(0, 7).map(({ from }) => from);
      expect(senders).toEqual(senders.map((_, index) => (index % 2 === 0 ? 'client' : 'broker')));
      expect(senders).toHaveLength(7);
      expect(flights[4]?.bytes).toBeGreaterThan(5 * 64);
    }
  }
});

test('a broker that dies leaves failures with their reasons, and no wake-up of them in the figures', async () => {
  const scenario = scenarioWith({
    modes: ['plain'],
    links: [NEAR],
    rounds: 300,
    workloads: [wakes({ timeoutMs: 2000 })],
  });
  const { results, samples } = await measure(scenario, join(temporaryFolder(), 'run'), {
    observer: once(() => {
      void childrenOf(process.pid).then((children) => {
        const broker = children.find(({ command }) => command.includes('aedes.child'));
        if (broker !== undefined) process.kill(broker.pid, 'SIGKILL');
      });
    }),
  });
  expect(results.complete).toBe(false);
  const failed = samples.filter(({ outcome }) => outcome.status === 'failed');
  expect(failed.length).toBeGreaterThan(0);
  for (const { milestonesMs } of failed) expect(milestonesMs).not.toHaveProperty('disconnected');
  const cell = cellOf(results, 'plain');
  expect(cell.milestones.disconnected?.count ?? 0).toBeLessThanOrEqual(cell.samples.ok);
  await expectNothingLeft();
});

test.skipIf(!(await hasTools('mosquitto')))('a broker that is not ours is woken up for too', async () => {
  const { results, samples } = await measured(
    BACKENDS[0],
    {},
    { modes: ['tls13'], brokers: [brokerOf('mosquitto')] },
  );
  expect(cellOf(results, 'tls13').samples).toMatchObject({ attempted: ROUNDS, ok: ROUNDS });
  const awayMs = quickestIn(samples, 'tls13', 'near') - quickestIn(samples, 'tls13', 'null');
  expect(awayMs / DELAY_MS).toBeCloseTo(10, 0);
});
