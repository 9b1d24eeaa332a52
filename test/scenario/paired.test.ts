import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load.ts';
import { interleave, makePairedPlan, partnerOf, type PairedPlan } from '../../src/scenario/paired.ts';
import { withoutMore, type Arrival, type Plan } from '../../src/scenario/plan.ts';

const REFERENCE = fileURLToPath(new URL('../../scenarios/reference.yaml', import.meta.url));

async function pair(baseline: string[], candidate: string[] = []): Promise<PairedPlan> {
  const few = ['rounds=20', 'warmupRounds=2'];
  const load = (set: string[]) => loadScenario(REFERENCE, { set: [...few, ...set] });
  return makePairedPlan(await load(baseline), await load(candidate));
}

function arrivalsOf({ phases }: Plan): Arrival[] {
  return phases.flatMap((phase) => (phase.kind === 'handshake' ? phase.arrivals : []));
}

test('every round holds one connection of every cell of both, in an order of its own, at the rate asked for', async () => {
  const plan = interleave(await pair([]));
  expect(plan.cells).toHaveLength(28);
  const rounds = [...Map.groupBy(arrivalsOf(plan), ({ round }) => round).values()];
  expect(rounds).toHaveLength(22);
  const orders = rounds.map((arrivals) => arrivals.map(({ cell }) => cell));
  for (const order of orders)
    expect(order.toSorted((a, b) => a - b)).toEqual(plan.cells.map(({ index }) => index));
  expect(new Set(orders.map(String)).size).toBe(22);
  expect(Math.max(...arrivalsOf(plan).map(({ atMs }) => atMs)) / 1000).toBeCloseTo((22 * 28) / 75, 0);
  // Neither variant comes first more often than chance would have it.
  const firsts = orders.filter((order) => order.indexOf(0) < order.indexOf(14)).length;
  expect(firsts).toBeGreaterThan(3);
  expect(firsts).toBeLessThan(19);
});

test('equal ids are told apart, equal links are shared, and each variant has brokers of its own', async () => {
  const { cells, scenario } = interleave(await pair([]));
  expect(new Set(cells.map(({ id }) => id)).size).toBe(28);
  expect([cells[0]?.id, cells[14]?.id]).toEqual([
    'baseline:plain/reference/aedes/direct/handshake',
    'candidate:plain/reference/aedes/direct/handshake',
  ]);
  expect(scenario.links.map(({ id }) => id)).toEqual(['reference', 'null']);
  expect(cells[0]?.link).toBe(cells[14]?.link);
  expect(new Set(cells.map(({ broker }) => broker)).size).toBe(2);
  expect(new Set(cells.map(({ broker }) => broker.id)).size).toBe(2);
});

test('links of one name that are not the same are two links', async () => {
  const plan = interleave(await pair(['links.0={ name: reference, oneWayMs: 20 }']));
  expect(plan.scenario.links.map(({ id, up }) => [id, up.delayMs])).toEqual([
    ['baseline:reference', 20],
    ['null', 0],
    ['candidate:reference', 34],
  ]);
});

test('cells of steady load alternate', async () => {
  const load = ['workload={ kind: pubsub, seconds: 5 }'];
  const [phase] = interleave(await pair(load, load)).phases;
  const names = phase?.cells.map(({ id }) => id) ?? [];
  expect(names).toHaveLength(28);
  const strip = (name: string | undefined): string | undefined => name?.replace(/^\w+:/, '');
  for (let place = 0; place < 28; place += 2) expect(strip(names[place])).toBe(strip(names[place + 1]));
  expect(new Set(names.filter((_, place) => place % 2 === 0).map((name) => name.split(':')[0])).size).toBe(2);
});

test('what one variant leaves out has its partner in the same place of the other', async () => {
  const { baseline, candidate } = await pair(['modes=[plain, tls12]'], ['modes=[plain, tls13]']);
  const partner = partnerOf({ mode: 'tls12', broker: 'aedes' }, baseline.scenario, candidate.scenario);
  expect(partner).toEqual({ mode: 'tls13', broker: 'aedes' });
  const left = interleave({
    baseline: withoutMore(baseline, [{ mode: 'tls12' }]),
    candidate: withoutMore(candidate, [partner]),
  });
  expect(new Set(left.cells.map(({ mode }) => mode))).toEqual(new Set(['plain']));
});

describe('what cannot be paired says where it differs', () => {
  test.each([
    [['modes=[plain]'], [], /baseline has 1 modes, the candidate 7/],
    [['links=[null]'], [], /baseline has 1 links, the candidate 2/],
    [['rounds=30'], [], /rounds: 30, the candidate 20/],
    [['warmupRounds=3'], [], /warmupRounds: 3, the candidate 2/],
    [['seed=3'], [], /seed: 3, the candidate 1/],
    [['workload={ kind: pubsub }'], [], /workload has kind: pubsub, the candidate's handshake/],
    [['workload.connectionsPerSecond=10'], [], /connectionsPerSecond: 10, the candidate's 75/],
    [['workload.timeoutMs=1000'], [], /timeoutMs: 1000, the candidate's 30000/],
    [
      ['broker={ name: aedes, port: 4000 }'],
      ['broker={ name: aedes, port: 4003 }'],
      /Both variants would listen on the ports from 4003 on/,
    ],
  ])('%s', async (baseline, candidate, message) => {
    await expect(pair(baseline, candidate)).rejects.toThrow(message);
  });
});
