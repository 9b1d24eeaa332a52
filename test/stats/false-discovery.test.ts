import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/scenario/random.ts';
import { adjustForMany } from '../../src/stats/false-discovery.ts';

it('adjusts as in the example of the paper', () => {
  // Benjamini and Hochberg 1995, section 3.2: 15 p-values, of which the four smallest are found at a level of 5 %.
  const paper = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
    0.759, 1,
  ];
  const adjusted = adjustForMany(paper);
  expect(adjusted.filter((p) => p <= 0.05)).toHaveLength(4);
  expect(adjusted[3]).toBeCloseTo((0.0095 * 15) / 4, 9);
});

it('keeps the order, never lowers a p-value, and never goes above 1', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 50 }), (pValues) => {
      const adjusted = adjustForMany(pValues);
      expect(adjusted).toHaveLength(pValues.length);
      for (const [index, p] of pValues.entries()) {
        expect(adjusted[index]).toBeGreaterThanOrEqual(p * (1 - 1e-12));
        expect(adjusted[index]).toBeLessThanOrEqual(1);
        const larger = adjusted.filter((_, other) => p < (pValues[other] ?? 0));
        expect(Math.min(...larger, 1)).toBeGreaterThanOrEqual(adjusted[index] ?? Number.NaN);
      }
    }),
  );
});

it('finds something among nothing in no more than 5 % of all families', () => {
  const random = seededRandom(11);
  let families = 0;
  for (let draw = 0; draw < 4000; draw++) {
    const nulls = Array.from({ length: 28 }, () => random.next());
    if (adjustForMany(nulls).some((p) => p <= 0.05)) families++;
  }
  expect(families / 4000).toBeLessThan(0.06);
  // Unadjusted it would be 76 %; and a method that finds nothing at all would pass the line above.
  expect(families / 4000).toBeGreaterThan(0.035);
});

it('is false in at most 5 % of what it finds, where some of it is real', () => {
  const random = seededRandom(12);
  let shares = 0;
  let found = 0;
  const families = 2000;
  for (let draw = 0; draw < families; draw++) {
    // Ten real effects among thirty comparisons.
    const pValues = Array.from({ length: 30 }, (_, index) => (index < 10 ? 0.001 : 1) * random.next());
    const positives = adjustForMany(pValues).flatMap((p, index) => (p <= 0.05 ? [index] : []));
    found += positives.filter((index) => index < 10).length;
    shares += positives.length === 0 ? 0 : positives.filter((index) => index >= 10).length / positives.length;
  }
  expect(shares / families).toBeLessThan(0.05);
  expect(found / families).toBeGreaterThan(9.9);
});
