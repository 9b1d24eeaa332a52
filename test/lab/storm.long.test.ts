import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/lab/run.ts';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { stormSchema, type StormWorkload } from '../../src/swarm/workloads/settings/storm.ts';
import { childrenOf } from '../helpers/processes.ts';
import { AEDES, expectNothingLeft, measure, optionsIn, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const MODES = ['plain', 'tls13', 'tls13-resumed', 'tls12-resumed-ticket'];
const hasMosquitto = await hasTools('mosquitto');
const brokers = [AEDES, ...(hasMosquitto ? [brokerOf('mosquitto')] : [])];

function storming(workload: Partial<StormWorkload>, changes: Parameters<typeof scenarioWith>[0] = {}) {
  return scenarioWith({
    modes: MODES,
    links: [NULL_LINK],
    brokers,
    workloads: [{ ...stormSchema.parse({ kind: 'storm', clients: 40, warmupClients: 3 }), ...workload }],
    ...changes,
  });
}

function stormOf({ storm, id }: CellResult): NonNullable<CellResult['storm']> {
  if (storm === undefined) throw new Error(`${id} has no storm`);
  return storm;
}

test('everyone is connected, timed and accounted for, in full and resumed, on each broker', async () => {
  const folder = join(temporaryFolder(), 'run');
  const { results } = await measure(storming({}), folder, { backend: 'none' });
  expect(results.complete).toBe(true);
  expect(results.cells).toHaveLength(MODES.length * brokers.length);
  for (const cell of results.cells) {
    const storm = stormOf(cell);
    const resumes = cell.mode.includes('resumed');
    expect([cell.id, storm]).toMatchObject([
      cell.id,
      {
        clients: 40,
        connected: 40,
        attempts: 40,
        resumed: resumes ? 40 : 0,
        connecting: { count: 40 },
      },
    ]);
    expect(cell.samples).toMatchObject({ attempted: 40, ok: 40, failed: 0, excluded: 0, warmup: 3 });
    expect([cell.id, storm.reasons]).toEqual([cell.id, {}]);
    expect(storm.lastConnackMs).toBeGreaterThan(0);
    expect(storm.connectsPerSecond).toBeCloseTo(40 / ((storm.lastConnackMs ?? 0) / 1000), 6);
    expect(storm.generator.cpuShare).toBeGreaterThan(0);
    expect(storm.listenOverflows).toBeGreaterThanOrEqual(0);
    const [line = '', ...others] = Object.keys(cell.negotiated);
    expect(others).toEqual([]);
    expect(line.includes('resumed')).toBe(resumes);
    expect(cell.negotiated[line]).toBe(40);
  }
  await expectNothingLeft();
});

test('after a restart everyone comes back to the same ports, and no session of before is good for anything', async () => {
  const workload = { after: 'restart', arrivals: 'rate', connectionsPerSecond: 100 } as const;
  const all = storming(workload, { brokers: [...brokers, brokerOf('nats')] });
  const { results } = await measure(all, join(temporaryFolder(), 'run'), { backend: 'none' });
  expect(results.complete).toBe(true);
  expect(results.cells).toHaveLength(MODES.length * brokers.length);
  for (const cell of results.cells) {
    const storm = stormOf(cell);
    expect([cell.id, storm]).toMatchObject([
      cell.id,
      { connected: 40, askedPerSecond: 100, resumed: 0, restart: { connectedBefore: 40 } },
    ]);
    expect([cell.id, storm.reasons]).toEqual([cell.id, {}]);
    // A process that was only told to would still be there.
    expect(storm.restart?.downMs).toBeGreaterThan(5);
    expect(storm.lastConnackMs).toBeGreaterThan(385);
  }
  // All processes of a broker, those that were ended too.
  for (const { role, cpuSeconds } of results.processes.filter(({ role }) => role.startsWith('broker')))
    expect([role, cpuSeconds > 0]).toEqual([role, true]);
  expect(results.unsupported.map(({ broker, reason }) => `${broker}: ${reason}`)).toEqual(
    MODES.map(() => expect.stringMatching(/^nats: nats cannot be ended and started again/)),
  );
  await expectNothingLeft();
});

test('over a link, each takes its trips, and in TLS 1.3 a round trip more', { timeout: 60_000 }, async () => {
  const links = [resolveLink({ name: 'near', oneWayMs: 20 })];
  const given = storming(
    { clients: 15, arrivals: 'rate', connectionsPerSecond: 30 },
    { links, brokers: [AEDES] },
  );
  const { results } = await measure(given, join(temporaryFolder(), 'run'), { backend: 'proxy' });
  const least = Object.fromEntries(results.cells.map((cell) => [cell.mode, stormOf(cell).connecting?.minMs]));
  expect(least['plain']).toBeGreaterThan(4 * 20 - 1);
  expect(least['plain']).toBeLessThan(6 * 20);
  for (const mode of ['tls13', 'tls13-resumed', 'tls12-resumed-ticket'])
    expect([mode, least[mode]]).toEqual([mode, expect.closeTo(6 * 20 + 8, -1.4)]);
  // The emulator stands in for TCP, so nobody has measured it.
  expect(results.cells.map((cell) => stormOf(cell).tcpConnected)).toEqual(MODES.map(() => undefined));
});

test.skipIf(!(await hasTun()))(
  'over TUN the clients of a fleet dial from the one address that a link has',
  async () => {
    const given = storming({ clients: 20 }, { modes: ['tls13'], brokers: [AEDES] });
    const { results } = await measure(given, join(temporaryFolder(), 'run'), { backend: 'tun' });
    expect(results.cells[0]?.samples).toMatchObject({ attempted: 20, ok: 20 });
    const tooMany = storming({ clients: 40_000 }, { modes: ['plain'], brokers: [AEDES] });
    await expect(measure(tooMany, join(temporaryFolder(), 'run'), { backend: 'tun' })).rejects.toMatchObject({
      exitCode: 5,
    });
  },
);

/** A run that something is done to when some of its clients are connected. */
async function disturbed(
  act: (children: Awaited<ReturnType<typeof childrenOf>>) => void,
): Promise<{ results: Results; folder: string }> {
  const folder = join(temporaryFolder(), 'run');
  let seen = false;
  const given = optionsIn(folder, {
    backend: 'none',
    observer: {
      step: (text) => {
        if (!text.startsWith('a storm') || seen) return;
        seen = true;
        // The step is told once when it begins, and warms up; the storm itself is slow enough to be met.
        setTimeout(() => void childrenOf(process.pid).then(act), 2500);
      },
      progress: () => {},
      warn: () => {},
    },
  });
  const slow = { clients: 400, arrivals: 'rate', connectionsPerSecond: 50, warmupClients: 0 } as const;
  const results = await run(makePlan(storming(slow, { modes: ['tls13'], brokers: [AEDES] })), given);
  return { results, folder };
}

test('a broker that dies in a storm: what happened to each client is saved, and the run says that it is not complete', async () => {
  const { results } = await disturbed((children) => {
    const victim = children.find(({ command }) => command.includes('aedes.child'));
    if (victim !== undefined) process.kill(victim.pid, 'SIGKILL');
  });
  expect(results.complete).toBe(false);
  expect(results.incompleteBecause).toMatch(/^The broker process ended \(SIGKILL\)/);
  const [cell] = results.cells;
  if (cell === undefined) throw new Error('no cell');
  const { samples } = cell;
  const storm = stormOf(cell);
  // Who was there was lost, and who was still to come did not start any more.
  const { 'lab-part-died': never = 0, ...rest } = storm.reasons;
  expect(samples).toMatchObject({ attempted: 400, ok: 0, failed: 400 });
  expect(never).toBeGreaterThan(50);
  const lost = Object.entries(rest).filter(([reason]) => reason.startsWith('lost:'));
  expect(lost.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(20);
  expect(Object.values(storm.reasons).reduce((sum, count) => sum + count, 0)).toBe(400);
  expect(storm.connecting).toBeUndefined();
  await expectNothingLeft();
});

test('Ctrl-C in a storm saves who was connected, and says of the others that it interrupted them', async () => {
  const folder = join(temporaryFolder(), 'run');
  const abort = new AbortController();
  const slow = { clients: 400, arrivals: 'rate', connectionsPerSecond: 50, warmupClients: 0 } as const;
  const given = optionsIn(folder, {
    backend: 'none',
    signal: abort.signal,
    observer: {
      step: (text) => void (text.startsWith('a storm') && setTimeout(() => abort.abort(), 2500)),
      progress: () => {},
      warn: () => {},
    },
  });
  const results = await run(makePlan(storming(slow, { modes: ['tls13'], brokers: [AEDES] })), given);
  expect(results.complete).toBe(false);
  const [cell] = results.cells;
  if (cell === undefined) throw new Error('no cell');
  expect(cell.samples.ok).toBeGreaterThan(20);
  expect(cell.samples.ok).toBe(stormOf(cell).connecting?.count);
  expect(cell.samples.reasons).toEqual({ interrupted: 400 - cell.samples.ok });
  await expectNothingLeft();
});
