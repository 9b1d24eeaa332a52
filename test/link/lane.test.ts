import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expect, test } from 'vitest';
import { resolveLink, type Direction, type LinkInput } from '../../src/link/spec.ts';
import { Lane } from '../../src/link/tun/lane.ts';

function lane(link: Omit<LinkInput, 'oneWayMs'>, delayMs = 20): Lane {
  const { up }: { up: Direction } = resolveLink({ oneWayMs: delayMs, ...link });
  return new Lane(up, xoroshiro128plus(7));
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
  '%s jitter keeps the order and the delay',
  (jitterDistribution) => {
    const delays = send(5000, lane({ jitterMs: 0.2, jitterDistribution }, 100));
    const arrivals = delays.map((ms, n) => ms + n);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    expect(mean(delays)).toBeCloseTo(100, 0);
    const deviation = Math.sqrt(mean(delays.map((ms) => (ms - mean(delays)) ** 2)));
    // Pareto's tail is cut at 4 standard deviations, as in netem's tables, which takes some of its deviation.
    expect(deviation).toBeGreaterThan(0.12);
    expect(deviation).toBeLessThan(0.25);
  },
);

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
