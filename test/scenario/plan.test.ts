import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load.ts';
import { makePlan, type Arrival, type Plan } from '../../src/scenario/plan.ts';

const REFERENCE = fileURLToPath(new URL('../../scenarios/reference.yaml', import.meta.url));

async function plan(...set: string[]): Promise<Plan> {
  return makePlan(await loadScenario(REFERENCE, { set }));
}

function arrivalsOf({ phases }: Plan): Arrival[] {
  return phases.flatMap((phase) => (phase.kind === 'handshake' ? phase.arrivals : []));
}

test('the reference case has one cell of every mode over the reference and the null link', async () => {
  const { cells } = await plan();
  expect(cells.map(({ id }) => id)).toMatchInlineSnapshot(`
    [
      "plain/reference/aedes/direct/handshake",
      "tls12/reference/aedes/direct/handshake",
      "tls13/reference/aedes/direct/handshake",
      "tls12-psk/reference/aedes/direct/handshake",
      "tls13-psk/reference/aedes/direct/handshake",
      "mtls12/reference/aedes/direct/handshake",
      "mtls13/reference/aedes/direct/handshake",
      "plain/null/aedes/direct/handshake",
      "tls12/null/aedes/direct/handshake",
      "tls13/null/aedes/direct/handshake",
      "tls12-psk/null/aedes/direct/handshake",
      "tls13-psk/null/aedes/direct/handshake",
      "mtls12/null/aedes/direct/handshake",
      "mtls13/null/aedes/direct/handshake",
    ]
  `);
});

test('the reference case is measured in 45 seconds', async () => {
  expect(Math.max(...arrivalsOf(await plan()).map(({ atMs }) => atMs))).toBeLessThan(45_000);
});

test('one seed makes one plan and one order of arrivals, another seed another', async () => {
  expect(await plan('seed=7')).toEqual(await plan('seed=7'));
  expect(arrivalsOf(await plan('seed=7'))).not.toEqual(arrivalsOf(await plan('seed=8')));
});

test('every round opens one connection of every cell, in an order of its own', async () => {
  const made = await plan('rounds=40', 'warmupRounds=2');
  const rounds = [...Map.groupBy(arrivalsOf(made), ({ round }) => round).values()];
  expect(rounds).toHaveLength(42);
  const orders = rounds.map((arrivals) => arrivals.map(({ cell }) => cell));
  for (const order of orders) {
    expect(order.toSorted((a, b) => a - b)).toEqual(made.cells.map(({ index }) => index));
  }
  expect(new Set(orders.map(String)).size).toBe(42);
  expect(rounds.map((arrivals) => arrivals.every(({ warmup }) => warmup)).filter(Boolean)).toHaveLength(2);
});

test.each(['even', 'poisson'])(
  '%s arrivals come in order and at the rate that was asked for',
  async (arrivals) => {
    const made = arrivalsOf(await plan(`workload.arrivals=${arrivals}`, 'workload.connectionsPerSecond=100'));
    const times = made.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(made.length / ((times.at(-1) ?? 0) / 1000)).toBeCloseTo(100, -1);
    expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
  },
);

test('a further workload leaves the plan of the first as it is', async () => {
  const alone = await plan('workload=[{ kind: handshake }]', 'rounds=5');
  const both = await plan('workload=[{ kind: handshake }, { kind: handshake, qos: 2 }]', 'rounds=5');
  expect(both.phases[0]).toEqual(alone.phases[0]);
  expect(both.cells.map(({ id }) => id).filter((id) => id.endsWith('/handshake-2'))).toHaveLength(14);
});
