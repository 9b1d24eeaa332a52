import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/scenario/random.ts';
import { blockLength, differenceOfMedians, medianOfDifferences } from '../../src/stats/block-bootstrap.ts';
import { medianInterval } from '../../src/stats/median.ts';

const random = seededRandom(5);

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** A skewed series (log-normal, median 1) whose neighbours are correlated by `rho` before the skew (AR(1)). */
function series(count: number, rho: number): Float64Array {
  let state = normal();
  return Float64Array.from({ length: count }, () => {
    state = rho * state + Math.sqrt(1 - rho * rho) * normal();
    return Math.exp(state);
  });
}

function share(draws: number, holds: () => boolean): number {
  let holding = 0;
  for (let draw = 0; draw < draws; draw++) if (holds()) holding++;
  return holding / draws;
}

describe('differenceOfMedians', () => {
  // Where neighbours are alike, few rounds hold few independent ones, and the interval is a little too narrow.
  it.each([
    [20, 0, 0.94, 0.99],
    [40, 0, 0.935, 0.985],
    [40, 0.5, 0.9, 0.965],
    [200, 0, 0.935, 0.98],
    [200, 0.5, 0.905, 0.965],
    [1000, 0.5, 0.92, 0.97],
  ])(
    'of %d rounds with correlation %d: the interval holds the truth in about 95 %% of runs',
    (count, rho, atLeast, atMost) => {
      const found = share(1500, () => {
        const { low, high } = differenceOfMedians(series(count, rho), series(count, rho));
        return low <= 0 && 0 <= high;
      });
      expect(found).toBeGreaterThanOrEqual(atLeast);
      expect(found).toBeLessThanOrEqual(atMost);
    },
  );

  it('would hold the truth far too seldom if rounds were taken for independent', () => {
    const shuffled = (count: number): number[] => random.shuffle([...series(count, 0.8)]);
    const width = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
      const { low, high } = differenceOfMedians(a, b);
      return high - low;
    };
    const ratios = Array.from(
      { length: 100 },
      () => width(series(200, 0.8), series(200, 0.8)) / width(shuffled(200), shuffled(200)),
    );
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeGreaterThan(1.5);
  });

  it('finds a shift, in the unit of the values', () => {
    const before = series(200, 0.3).map((value) => 170 + value);
    const after = series(200, 0.3).map((value) => 175 + value);
    const { value, low, high, standardError, baseline, candidate } = differenceOfMedians(before, after);
    expect(value).toBeCloseTo(candidate - baseline, 9);
    expect(low).toBeGreaterThan(4);
    expect(high).toBeLessThan(6);
    expect(standardError).toBeCloseTo((high - low) / 3.92, 1);
  });
});

describe('medianOfDifferences', () => {
  it.each([
    [40, 0, 0.92, 0.97],
    [200, 0, 0.925, 0.97],
    [200, 0.5, 0.9, 0.96],
  ])(
    'of %d pairs with correlation %d: the interval holds the truth in about 95 %% of runs',
    (count, rho, atLeast, atMost) => {
      const found = share(1500, () => {
        const { low, high } = medianOfDifferences(series(count, rho));
        return low <= 1 && 1 <= high;
      });
      expect(found).toBeGreaterThanOrEqual(atLeast);
      expect(found).toBeLessThanOrEqual(atMost);
    },
  );

  it('is narrower than the difference of medians where both of a pair are disturbed alike', () => {
    const disturbance = series(200, 0.5).map((value) => 10 * value);
    const before = disturbance.map((value) => value + 0.1 * normal());
    const after = disturbance.map((value) => value + 2 + 0.1 * normal());
    const paired = medianOfDifferences(after.map((value, round) => value - (before[round] ?? Number.NaN)));
    const unpaired = differenceOfMedians(before, after);
    expect(paired.high - paired.low).toBeLessThan((unpaired.high - unpaired.low) / 10);
    expect(paired.low).toBeGreaterThan(1.8);
    expect(paired.high).toBeLessThan(2.2);
  });

  it('of independent values is about the interval between order statistics', () => {
    const values = series(2000, 0);
    const { low, high } = medianOfDifferences(values);
    const classic = medianInterval([...values].toSorted((a, b) => a - b));
    expect((high - low) / (classic.high - classic.low)).toBeGreaterThan(0.7);
    expect((high - low) / (classic.high - classic.low)).toBeLessThan(1.4);
  });
});

it('lies around its value, moves with a shift, and is the same each time', () => {
  const values = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, values, fc.integer({ min: -1000, max: 1000 }), (before, after, shift) => {
      const found = differenceOfMedians(before, after);
      expect(found.low).toBeLessThanOrEqual(found.value);
      expect(found.high).toBeGreaterThanOrEqual(found.value);
      expect(differenceOfMedians(before, after)).toEqual(found);
      const shifted = differenceOfMedians(
        before,
        after.map((value) => value + shift),
      );
      expect(shifted.low).toBeCloseTo(found.low + shift, 6);
      expect(shifted.high).toBeCloseTo(found.high + shift, 6);
    }),
    { numRuns: 50 },
  );
});

it('takes blocks that grow with the series, but never more than 64 of them', () => {
  expect([1, 40, 200, 1000, 10_000].map(blockLength)).toEqual([1, 4, 6, 16, 157]);
});
