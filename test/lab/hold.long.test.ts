import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/lab/run.ts';
import { NULL_LINK } from '../../src/link/spec.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { holdSchema, type HoldWorkload } from '../../src/swarm/workloads/settings/hold.ts';
import { childrenOf } from '../helpers/processes.ts';
import { AEDES, expectNothingLeft, measure, optionsIn, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const brokers = [AEDES, ...((await hasTools('mosquitto')) ? [brokerOf('mosquitto')] : [])];

function holding(workload: Partial<HoldWorkload>, changes: Parameters<typeof scenarioWith>[0] = {}) {
  const given = { kind: 'hold', clients: 300, seconds: 4, keepAliveSeconds: 2 };
  return scenarioWith({
    modes: ['plain', 'tls13', 'tls13-resumed'],
    links: [NULL_LINK],
    brokers,
    workloads: [{ ...holdSchema.parse(given), ...workload }],
    ...changes,
  });
}

function holdOf({ hold, id }: CellResult): NonNullable<CellResult['hold']> {
  if (hold === undefined) throw new Error(`${id} has no hold`);
  return hold;
}

test('idle clients stay, are answered, and take more memory with TLS than without, cell after cell', async () => {
  const { results } = await measure(holding({}), join(temporaryFolder(), 'run'), { backend: 'none' });
  expect(results.complete).toBe(true);
  expect(results.cells).toHaveLength(3 * brokers.length);
  for (const cell of results.cells) {
    const hold = holdOf(cell);
    expect([cell.id, hold]).toMatchObject([
      cell.id,
      {
        clients: 300,
        connected: 300,
        held: 300,
        resumed: cell.mode === 'tls13-resumed' ? 300 : 0,
      },
    ]);
    expect(cell.samples).toMatchObject({ attempted: 300, ok: 300, failed: 0, warmup: 20 });
    expect([cell.id, hold.reasons]).toEqual([cell.id, {}]);
    expect(hold.seconds).toBeGreaterThanOrEqual(3.9);
    expect(Math.abs(hold.pings.due - 600)).toBeLessThan(60);
    expect(hold.pings.answered).toBe(hold.pings.due);
    expect(hold.roundTrip?.count).toBe(hold.pings.answered);
    expect(hold.perClient.clientCpuUsPerSecond).toBeGreaterThan(1);
    expect(hold.perClient.brokerCpuUsPerSecond).toBeDefined();
  }
  // Were processes not new ones, what an earlier cell left free would be taken without growing anything.
  for (const broker of brokers) {
    const own = results.cells.filter((cell) => cell.broker === broker.id);
    const bytes = (mode: string, end: 'clientBytes' | 'brokerBytes'): number =>
      own.filter((cell) => cell.mode === mode).map((cell) => holdOf(cell).perClient[end] ?? 0)[0] ?? 0;
    for (const end of ['clientBytes', 'brokerBytes'] as const)
      expect([broker.id, end, bytes('tls13', end) > bytes('plain', end)]).toEqual([broker.id, end, true]);
    expect(bytes('plain', 'clientBytes')).toBeGreaterThan(1000);
    expect(bytes('tls13', 'clientBytes')).toBeGreaterThan(25_000);
  }
  await expectNothingLeft();
});

test('clients whose broker dies are lost, and told so', async () => {
  const folder = join(temporaryFolder(), 'run');
  let told = 0;
  const given = optionsIn(folder, {
    backend: 'none',
    observer: {
      step: (text) => {
        // Told when the cell begins, and again when all are connected.
        if (!text.startsWith('holding') || ++told < 2) return;
        setTimeout(
          () =>
            void childrenOf(process.pid).then((children) => {
              const victim = children.find(({ command }) => command.includes('aedes.child'));
              if (victim !== undefined) process.kill(victim.pid, 'SIGKILL');
            }),
          3000,
        );
      },
      progress: () => {},
      warn: () => {},
    },
  });
  const scenario = holding({ clients: 60, seconds: 20 }, { modes: ['tls13'], brokers: [AEDES] });
  const results = await run(makePlan(scenario), given);
  expect(results.complete).toBe(false);
  const [cell] = results.cells;
  if (cell === undefined) throw new Error('no cell');
  const hold = holdOf(cell);
  expect(hold).toMatchObject({ connected: 60, held: 0 });
  expect(Object.keys(hold.reasons).every((reason) => reason.startsWith('lost:'))).toBe(true);
  expect(Object.values(hold.reasons).reduce((sum, count) => sum + count, 0)).toBe(60);
  expect(hold.seconds).toBeLessThan(15);
  expect(cell.samples).toMatchObject({ attempted: 60, ok: 0, failed: 60 });
  await expectNothingLeft();
});
