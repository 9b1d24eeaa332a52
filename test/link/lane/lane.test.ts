import { expect, test } from 'vitest';
import { resolveLink, type Direction, type LinkInput } from '../../../src/link/spec.ts';
import { Generator } from '../../../src/link/lane/generator.ts';
import { Lane } from '../../../src/link/lane/lane.ts';

function lane(link: Omit<LinkInput, 'oneWayMs'>, delayMs = 20): Lane {
  const { up }: { up: Direction } = resolveLink({ oneWayMs: delayMs, ...link });
  return new Lane(up, new Generator(7));
}

/** Sends packets of 1000 bytes, one each millisecond; delays in milliseconds of those that came through. */
function send(count: number, through: Lane): number[] {
  return Array.from({ length: count }, (_, n) => {
    const admission = through.admit(n * 1000, 1000);
    return 'dueUs' in admission ? admission.dueUs / 1000 - n : Number.NaN;
  });
}

const through = (delays: number[]): number[] => delays.filter((ms) => !Number.isNaN(ms));
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

test('a constant delay is constant', () => {
  expect(new Set(send(100, lane({})))).toEqual(new Set([20]));
});

test('a rate makes packets wait for those before them, and drops what finds the queue full', () => {
  // 1000 bytes at 1000 kbit/s take 8 ms; one each millisecond is eight times as much.
  const delays = send(3000, lane({ rateKbit: 1000 }));
  expect(delays.slice(0, 3)).toEqual([28, 35, 42]);
  expect(through(delays).length).toBeLessThan(1500);
  expect(Math.max(...through(delays))).toBeLessThanOrEqual(20 + 8 * 1001);
});

test('random loss has the asked share', () => {
  const share = 1 - through(send(20_000, lane({ loss: 0.05 }))).length / 20_000;
  expect(share).toBeGreaterThan(0.045);
  expect(share).toBeLessThan(0.055);
});

test('burst loss has the share and the run length of its two states', () => {
  const delays = send(50_000, lane({ burstLoss: { p: 0.01, r: 0.25, lossBad: 1, lossGood: 0 } }));
  const lost = delays.map(Number.isNaN);
  const share = lost.filter(Boolean).length / delays.length;
  const bursts = lost.filter((gone, n) => gone && lost[n - 1] !== true).length;
  // Stationary: p / (p + r) = 0.0385; a burst ends with r = 0.25, so it is 4 packets long.
  expect(share).toBeCloseTo(0.0385, 2);
  expect(lost.filter(Boolean).length / bursts).toBeCloseTo(4, 0);
});

test.each(['normal', 'uniform', 'pareto'] as const)(
  '%s jitter of dense traffic keeps the order, the mean delay and the deviation',
  (jitterDistribution) => {
    const delays = send(100_000, lane({ jitterMs: 15, jitterDistribution }, 100));
    const arrivals = delays.map((ms, n) => ms + n);
    expect(arrivals.filter((ms, n) => ms < (arrivals[n - 1] ?? 0))).toEqual([]);
    const middle = mean(delays);
    expect(Math.abs(middle - 100)).toBeLessThan(1.5);
    const deviation = Math.sqrt(mean(delays.map((ms) => (ms - middle) ** 2)));
    // Pareto's tail is cut at 4 standard deviations, as in netem's tables, which takes some of its deviation.
    expect(deviation).toBeGreaterThan(jitterDistribution === 'pareto' ? 10 : 13.5);
    expect(deviation).toBeLessThan(16.5);
  },
);

test('packets that enter together have one delay, those far apart have delays of their own', () => {
  const jittery = lane({ jitterMs: 15 }, 100);
  const delayAt = (ms: number): number => {
    const admission = jittery.admit(ms * 1000, 100);
    return 'dueUs' in admission ? admission.dueUs / 1000 - ms : Number.NaN;
  };
  const pairs = Array.from({ length: 2000 }, (_, n) => [delayAt(n * 1000), delayAt(n * 1000)] as const);
  expect(pairs.filter(([first, second]) => first !== second)).toEqual([]);
  const firsts = pairs.map(([first]) => first - 100);
  const neighbours = firsts.slice(1).map((ms, n) => ms * (firsts[n] ?? 0));
  expect(Math.abs(mean(neighbours)) / 15 ** 2).toBeLessThan(0.1);
});

test('the drift does not fall faster than packets follow each other', () => {
  const delays = send(50_000, lane({ jitterMs: 40 }, 400));
  const changes = delays.slice(1).map((ms, n) => ms - (delays[n] ?? 0));
  const steepness = Math.sqrt(mean(changes.map((ms) => ms ** 2)));
  expect(steepness).toBeCloseTo(0.25, 1);
});

test('reordered packets leave ahead, duplicates come twice', () => {
  const delays = send(10_000, lane({ reorder: 0.1 }));
  expect(delays.filter((ms) => ms === 0).length / 10_000).toBeCloseTo(0.1, 1);
  const doubled = lane({ duplicate: 0.2 });
  const copies = Array.from({ length: 10_000 }, (_, n) => doubled.admit(n, 100)).filter(
    (admission) => 'copies' in admission && admission.copies === 2,
  );
  expect(copies.length / 10_000).toBeCloseTo(0.2, 1);
});

test('one seed, one fate', () => {
  const lossy = { loss: 0.1, jitterMs: 3 };
  expect(send(500, lane(lossy))).toEqual(send(500, lane(lossy)));
});
