import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/scenario/random.ts';
import { ascending, median, medianInterval } from '../../src/stats/median.ts';

/** Share of intervals that hold the true median, over seeded samples of a skewed distribution (exponential). */
function coverage(size: number, draws: number): number {
  const random = seededRandom(size);
  let holding = 0;
  for (let draw = 0; draw < draws; draw++) {
    const sample = Array.from({ length: size }, () => -Math.log(1 - random.next()));
    const { low, high } = medianInterval(ascending(sample));
    if (low <= Math.LN2 && Math.LN2 <= high) holding++;
  }
  return holding / draws;
}

describe('medianInterval', () => {
  // Order statistics are discrete: the interval holds the median at least as often as it says, and for few values
  // more often. Of 10 values, the smallest and the largest leave the median out in 2 of 1024 draws.
  it.each([
    [10, 0.97, 1],
    [50, 0.945, 0.985],
    [200, 0.94, 0.975],
  ])('of %d values holds the true median in about 95 %% of all draws', (size, atLeast, atMost) => {
    const found = coverage(size, 4000);
    expect(found).toBeGreaterThanOrEqual(atLeast);
    expect(found).toBeLessThanOrEqual(atMost);
  });

  it('becomes narrower with the root of the sample size', () => {
    const width = (size: number): number => {
      const { low, high } = medianInterval(Array.from({ length: size }, (_, rank) => rank / size));
      return high - low;
    };
    expect(width(400) / width(100)).toBeCloseTo(0.5, 1);
    expect(width(10_000)).toBeCloseTo(0.0196, 3);
  });

  it('lies around the median, within the range, also of few values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const sorted = ascending(values);
          const { low, high } = medianInterval(sorted);
          const middle = median(values);
          expect(low).toBeLessThanOrEqual(middle);
          expect(high).toBeGreaterThanOrEqual(middle);
          expect(low).toBeGreaterThanOrEqual(sorted[0] ?? Number.NaN);
          expect(high).toBeLessThanOrEqual(sorted.at(-1) ?? Number.NaN);
        },
      ),
    );
  });

  it('is the whole range of fewer than six values', () => {
    expect(medianInterval([7])).toEqual({ low: 7, high: 7 });
    expect(medianInterval([1, 2, 3, 4, 5])).toEqual({ low: 1, high: 5 });
  });
});

describe('median', () => {
  it('is the middle, or the mean of the two middle ones, in any order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('of nothing is an error', () => {
    expect(() => median([])).toThrow(/at least one/);
  });

  it('leaves its argument as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});
