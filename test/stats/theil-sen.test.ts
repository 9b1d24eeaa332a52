import { expect, it } from 'vitest';
import { theilSen } from '../../src/stats/theil-sen.ts';

it('finds the line of exact points, and through two points the line through both', () => {
  const exact = theilSen([0, 10, 34, 68].map((x) => [x, 5 * x + 2]));
  expect(exact.slope).toBeCloseTo(5, 9);
  expect(exact.intercept).toBeCloseTo(2, 9);
  expect(
    theilSen([
      [0.1, 3],
      [34.1, 173],
    ]),
  ).toEqual({ slope: expect.closeTo(5, 9), intercept: expect.closeTo(2.5, 9) });
});

it('is not moved by one point that is far off, as least squares would be', () => {
  const points = [0, 10, 34, 68, 150].map((x): [number, number] => [x, 5 * x + 2]);
  points[4] = [150, 1500];
  const { slope, intercept } = theilSen(points);
  expect(slope).toBeCloseTo(5, 9);
  expect(intercept).toBeCloseTo(2, 9);
});

it('takes the mean of the middle two of an even count of slopes', () => {
  // Slopes of the six pairs: 1, 1, 1.2; 1, 1.25; 1.5.
  expect(
    theilSen([
      [0, 0],
      [1, 1],
      [3, 3],
      [5, 6],
    ]).slope,
  ).toBeCloseTo(1.1, 9);
});
