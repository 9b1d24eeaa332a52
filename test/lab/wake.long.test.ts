import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { recordBytes, suiteNamed } from '../../src/modes/suites.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import type { WakeWorkload } from '../../src/swarm/workloads/settings/wake.ts';
import { childrenOf } from '../helpers/processes.ts';
import { expectNothingLeft, measure, once, scenarioWith, wakes } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const tun = await hasTun();
const BACKENDS = tun ? (['tun', 'proxy'] as const) : (['proxy'] as const);
const NEAR = resolveLink({ name: 'near', oneWayMs: 20 });
const NULL = resolveLink({ name: 'null', oneWayMs: 0 });

async function measured(
  backend: 'tun' | 'proxy',
  workload: Partial<WakeWorkload>,
  changes: Parameters<typeof scenarioWith>[0] = {},
): Promise<{ results: Results; samples: Sample[] }> {
  const scenario = scenarioWith({ workloads: [wakes(workload)], links: [NEAR, NULL], rounds: 8, ...changes });
  return measure(scenario, join(temporaryFolder(), 'run'), { backend });
}

function cellOf({ cells }: Results, mode: string, link = 'near'): CellResult {
  const found = cells.find((cell) => cell.mode === mode && cell.link === link);
  if (found === undefined) throw new Error(`No cell ${mode} over ${link}`);
  return found;
}

describe.each(BACKENDS)('over the %s', (backend) => {
  test.each([
    [0, { plain: 6, tls13: 8, mtls12: 10 }],
    [1, { plain: 8, tls13: 10, mtls12: 12 }],
    [2, { plain: 10, tls13: 12, mtls12: 14 }],
  ] as const)('QoS %d: the time awake is what theory says', async (qos, trips) => {
    const { results, samples } = await measured(backend, { qos });
    for (const [mode, count] of Object.entries(trips)) {
      const cell = cellOf(results, mode);
      expect(cell.samples).toMatchObject({ attempted: 8, ok: 8, failed: 0, excluded: 0 });
      expect(cell.trips.disconnected?.predicted).toBe(count);
      // The quickest, tainted or not: a busy machine must not turn this into a test of itself.
      const own = samples.filter((sample) => sample.cell === cell.id && !sample.warmup);
      const quickest = Math.min(...own.map(({ milestonesMs }) => milestonesMs.disconnected ?? Infinity));
      expect(Math.abs(quickest - count * 20)).toBeLessThan(5);
      expect(cell.milestones.disconnected?.count).toBe(cell.samples.ok - cell.samples.tainted);
      expect(cell.service.disconnected?.p50Ms).toBeLessThanOrEqual(cell.milestones.disconnected?.p50Ms ?? 0);
      expect(cell.wake).toMatchObject({
        qos,
        messages: 1,
        bytes: { of: backend === 'tun' ? 'packets' : 'stream' },
      });
    }
    await expectNothingLeft();
  });
});

test.skipIf(!tun)('bytes and packets are those of the link, and energy is modelled from them', async () => {
  const radio = {
    name: 'ours',
    transmitMw: 300,
    receiveMw: 100,
    listenMw: 50,
    tail: { mw: 20, seconds: 2 },
    sleepMw: 0.1,
    rateKbit: { up: 100, down: 100 },
    source: 'the test',
    synthetic: true,
  };
  const { results, samples } = await measured(
    'tun',
    { radios: [radio], keepAliveSeconds: [60, 600] },
    { modes: ['plain', 'tls13', 'tls12-psk'] },
  );
  const sizes = ['plain', 'tls12-psk', 'tls13'].map((mode) => cellOf(results, mode).wake?.bytes);
  const ups = sizes.map((bytes) => bytes?.up ?? 0);
  expect(ups).toEqual(ups.toSorted((a, b) => a - b));
  for (const sample of samples) {
    const { up = 0, down = 0, bytesUp = 0, bytesDown = 0 } = sample.packets ?? {};
    const stream = (end: string): number =>
      sample.flights.reduce((sum, { from, bytes }) => sum + (from === end ? bytes : 0), 0);
    // Each packet has at least 40 bytes of headers, and at most 60.
    expect(bytesUp - stream('client')).toBeGreaterThanOrEqual(40 * up);
    expect(bytesUp - stream('client')).toBeLessThanOrEqual(60 * up);
    expect(bytesDown - stream('broker')).toBeGreaterThanOrEqual(40 * down);
    // SYN, acknowledgement, CONNECT, PUBLISH, DISCONNECT, FIN and what else a kernel acknowledges by itself.
    expect(up).toBeGreaterThanOrEqual(6);
  }
  for (const mode of ['plain', 'tls13', 'tls12-psk']) {
    const { wake, milestones } = cellOf(results, mode);
    const [energy] = wake?.energy ?? [];
    const { parts } = energy ?? {};
    const awakeSeconds = (milestones.disconnected?.p50Ms ?? 0) / 1000;
    const air = (bytes = 0): number => (bytes * 8) / 100_000;
    expect(parts?.transmit).toBeCloseTo(300 * air(wake?.bytes?.up), 6);
    expect(parts?.receive).toBeCloseTo(100 * air(wake?.bytes?.down), 6);
    expect(parts?.listen).toBeCloseTo(50 * (awakeSeconds - air(wake?.bytes?.up) - air(wake?.bytes?.down)), 6);
    expect(parts).toMatchObject({ promotion: 0, tail: 40 });
    expect(energy?.perWakeMillijoules).toBeCloseTo(
      (parts?.transmit ?? 0) + (parts?.receive ?? 0) + (parts?.listen ?? 0) + 40,
      6,
    );
    expect(wake?.breakEven.map(({ keepAliveSeconds }) => keepAliveSeconds)).toEqual([60, 600]);
    // What is modelled of a connection that stands has the records that the link saw.
    const { suite } = modeNamed(mode).expected;
    const { flights = [] } = samples.find(({ cell }) => cell.startsWith(`${mode}/near`)) ?? {};
    const sizesDown = flights.filter(({ from }) => from === 'broker').map(({ bytes }) => bytes);
    expect(sizesDown).toContain(suite === undefined ? 4 : recordBytes(4, suiteNamed(suite)));
  }
});

test('sessions are resumed at each wake-up, and several messages leave together', async () => {
  const modes = ['tls12-resumed-ticket', 'tls13-resumed', 'tls13-psk'];
  const { results } = await measured('proxy', { messagesPerWake: 5 }, { modes, links: [NEAR], rounds: 5 });
  for (const mode of modes) {
    const cell = cellOf(results, mode);
    expect(cell.samples).toMatchObject({ attempted: 5, ok: 5 });
    expect(Object.keys(cell.negotiated)[0]).toMatch(mode === 'tls13-psk' ? /PSK/ : /resumed/);
    expect(cell.trips.disconnected?.predicted).toBe(10);
    expect(cell.wake?.messages).toBe(5);
    // Five payloads of 64 bytes.
    expect(cell.wake?.bytes?.up).toBeGreaterThan(5 * 64);
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
  expect(cell.milestones.disconnected?.count).toBeLessThanOrEqual(cell.samples.ok);
  await expectNothingLeft();
});

test.skipIf(!(await hasTools('mosquitto')))('a broker that is not ours is woken up for too', async () => {
  const { results } = await measured(BACKENDS[0], {}, { modes: ['tls13'], brokers: [brokerOf('mosquitto')] });
  const cell = cellOf(results, 'tls13');
  expect(cell.samples).toMatchObject({ attempted: 8, ok: 8 });
  expect(Math.abs((cell.milestones.disconnected?.minMs ?? 0) - 200)).toBeLessThan(10);
});
