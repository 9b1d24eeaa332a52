import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/scenario/random.ts';
import { differenceOfShares, fisherGreater, wilson } from '../../src/stats/proportions.ts';

it('Newcombe’s interval of his examples', () => {
  // Newcombe 1998, table II, method 10: (a) 56/70 − 48/80, (e) 9/10 − 3/10, (h) 10/10 − 0/10.
  const rounded = (baseline: [number, number], candidate: [number, number]): number[] => {
    const { low, high } = differenceOfShares(
      { part: baseline[0], whole: baseline[1] },
      { part: candidate[0], whole: candidate[1] },
    );
    return [low, high].map((limit) => Number(limit.toFixed(4)));
  };
  expect(rounded([48, 80], [56, 70])).toEqual([0.0524, 0.3339]);
  expect(rounded([3, 10], [9, 10])).toEqual([0.1705, 0.809]);
  expect(rounded([0, 10], [10, 10])).toEqual([0.6075, 1]);
});

it('Fisher’s exact test, one-sided, of the lady who tastes tea', () => {
  // Fisher 1935: 3 of 4 cups right, p = 17/70.
  expect(fisherGreater({ part: 1, whole: 4 }, { part: 3, whole: 4 })).toBeCloseTo(17 / 70, 10);
  expect(fisherGreater({ part: 0, whole: 4 }, { part: 4, whole: 4 })).toBeCloseTo(1 / 70, 10);
  expect(fisherGreater({ part: 0, whole: 200 }, { part: 0, whole: 200 })).toBeCloseTo(1, 9);
  expect(fisherGreater({ part: 0, whole: 0 }, { part: 0, whole: 0 })).toBe(1);
});

it('Fisher’s test calls equal shares different in no more than 5 % of all draws', () => {
  const random = seededRandom(3);
  const draw = (whole: number): { part: number; whole: number } => ({
    part: Array.from({ length: whole }, () => random.next()).filter((value) => value < 0.05).length,
    whole,
  });
  let alarms = 0;
  for (let run = 0; run < 2000; run++) if (fisherGreater(draw(200), draw(200)) <= 0.05) alarms++;
  expect(alarms / 2000).toBeLessThanOrEqual(0.055);
  expect(alarms / 2000).toBeGreaterThan(0.005);
});

it('intervals lie around the share, within 0 and 1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (whole, p) => {
      const part = Math.round(whole * p);
      const { low, high } = wilson({ part, whole });
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(part / whole);
      expect(high).toBeGreaterThanOrEqual(part / whole);
    }),
  );
});
