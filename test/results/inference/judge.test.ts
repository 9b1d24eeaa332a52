import { expect, it } from 'vitest';
import { judge } from '../../../src/results/inference/judge.ts';

function line(trips: number, low?: number, high?: number): Parameters<typeof judge>[1] {
  const interval = low === undefined || high === undefined ? {} : { tripsLow: low, tripsHigh: high };
  return { trips, ...interval, interceptMs: 2, r2: 1, delays: 3 };
}

it.each([
  ['on theory', line(5, 4.99, 5.01), 'agrees'],
  ['a fifth of a trip off, however narrow the interval', line(5.2, 5.19, 5.21), 'agrees'],
  ['a round trip off', line(7, 6.9, 7.1), 'differs'],
  ['less than theory', line(3, 2.9, 3.1), 'differs'],
  ['half a trip off for certain', line(5.5, 5.4, 5.6), 'differs'],
  ['half a trip off, theory in the interval', line(5.4, 4.95, 5.9), 'inconclusive'],
  ['on theory, within a trip either way', line(5, 4.4, 5.6), 'inconclusive'],
  ['on theory, without an interval', line(5), 'inconclusive'],
])('%s', (_, fitted, verdict) => {
  const found = judge(5, fitted);
  expect(found.verdict).toBe(verdict);
  // Whoever is told nothing is told why.
  expect(found.because === undefined).toBe(verdict !== 'inconclusive');
});
