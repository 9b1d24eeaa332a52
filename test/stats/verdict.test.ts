import { expect, it, test } from 'vitest';
import { upperTail } from '../../src/stats/normal.ts';
import { verdictOf, worstOf } from '../../src/stats/verdict.ts';

const SURE = { worse: 0.001, better: 0.001 };

it.each([
  ['beyond the floor', { low: 2.1, high: 9 }, 'regressed'],
  ['beyond 0, but not beyond the floor', { low: 0.5, high: 9 }, 'inconclusive'],
  ['beyond the floor below', { low: -9, high: -2.1 }, 'improved'],
  ['within the floors', { low: -1.9, high: 1.9 }, 'unchanged'],
  ['wider than the floors', { low: -5, high: 5 }, 'inconclusive'],
  ['a small effect for sure', { low: 0.4, high: 0.6 }, 'unchanged'],
])('an interval %s', (_, interval, verdict) => {
  expect(verdictOf(interval, 2, SURE)).toBe(verdict);
});

it('is no finding when it is one of many, and chance explains it', () => {
  expect(verdictOf({ low: 2.1, high: 9 }, 2, { worse: 0.06, better: 1 })).toBe('inconclusive');
  expect(verdictOf({ low: -9, high: -2.1 }, 2, { worse: 1, better: 0.06 })).toBe('inconclusive');
});

test('the worst of several verdicts', () => {
  expect(worstOf([])).toBe('unchanged');
  expect(worstOf(['unchanged', 'improved'])).toBe('improved');
  expect(worstOf(['improved', 'inconclusive', 'unchanged'])).toBe('inconclusive');
  expect(worstOf(['inconclusive', 'regressed', 'improved'])).toBe('regressed');
});

test('the upper tail of the normal distribution', () => {
  expect(upperTail(0)).toBeCloseTo(0.5, 7);
  expect(upperTail(1.959964)).toBeCloseTo(0.025, 7);
  expect(upperTail(-1.959964)).toBeCloseTo(0.975, 7);
  expect(upperTail(40)).toBeGreaterThan(0);
});
