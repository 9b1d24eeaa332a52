import { expect, test } from 'vitest';
import { figureOf } from '../../src/micro/figure.ts';
import { runRounds } from '../../src/micro/rounds.ts';

async function orderOf(seed: number): Promise<{ order: string[]; warmup: number }> {
  const order: string[] = [];
  let warmup = 0;
  const contenders = ['a', 'b', 'c', 'd'].map((name, index) => ({
    name,
    run: () => {
      order.push(name);
      return index + 1;
    },
  }));
  const { rounds, warmupRounds, samples } = await runRounds(contenders, { seconds: 0, seed }, () => {
    warmup = order.length;
  });
  expect({ rounds, warmupRounds }).toEqual({ rounds: 6, warmupRounds: 2 });
  // What was warmed up with is left out; each has its own costs.
  expect([...samples]).toEqual(
    contenders.map(({ name }, index) => [name, Array.from({ length: 6 }, () => index + 1)]),
  );
  return { order, warmup };
}

test('every round has each contender once, in an order of its own that follows from the seed', async () => {
  const { order, warmup } = await orderOf(7);
  expect(warmup).toBe(8);
  const rounds = Array.from({ length: 8 }, (_, round) => order.slice(4 * round, 4 * round + 4));
  for (const round of rounds) expect(round.toSorted()).toEqual(['a', 'b', 'c', 'd']);
  expect(new Set(rounds.map((round) => round.join(''))).size).toBeGreaterThan(3);
  expect((await orderOf(7)).order).toEqual(order);
  expect((await orderOf(8)).order).not.toEqual(order);
});

test('as many rounds as fit into the time, after a quarter of it to warm up', async () => {
  const start = performance.now();
  let calls = 0;
  const run = async (): Promise<number> => {
    calls++;
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    return 1;
  };
  const { rounds, warmupRounds } = await runRounds([{ name: 'one', run }], { seconds: 0.4, seed: 1 });
  expect(performance.now() - start).toBeGreaterThanOrEqual(480);
  expect(rounds).toBeGreaterThan(warmupRounds);
  expect(calls).toBe(rounds + warmupRounds);
});

test('a contender that fails ends it', async () => {
  const run = (): number => {
    throw new Error('it broke');
  };
  await expect(runRounds([{ name: 'one', run }], { seconds: 0, seed: 1 })).rejects.toThrow('it broke');
});

test('a figure is the median with an interval of order statistics, and the mean', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(figureOf(samples)).toEqual({ p50Ms: 50.5, p50LowMs: 40, p50HighMs: 61, meanMs: 50.5 });
  expect(figureOf([3, 1, 2])).toEqual({ p50Ms: 2, p50LowMs: 1, p50HighMs: 3, meanMs: 2 });
});
