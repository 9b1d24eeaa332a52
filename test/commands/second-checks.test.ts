import { expect, test } from 'vitest';
import { confirmChecks, suspectChecks } from '../../src/commands/second-checks.ts';
import { describeRun } from '../../src/compare/compare.ts';
import type { Check } from '../../src/gate/gate.ts';
import { runOf } from '../compare/runs.ts';

const CELL = 'tls13/reference/aedes/direct/handshake';

function check(expectation: Check['expectation'], found: string, passed: boolean, what = ''): Check {
  return { expectation, cell: CELL, what, expected: 'something', found, passed };
}

const run = describeRun(runOf());
const limit = (found: string, passed: boolean): Check =>
  check('limits', found, passed, 'connackReceived p95');

test('what chance may break is a suspect, as long as nothing failed that is the same every time', () => {
  const slow = limit('240.00 ms', false);
  const trips = check('trips', '5.30', false);
  const lost = check('failureBudget', '2 failed', false);
  expect(suspectChecks([check('bytes', '300', true), slow, trips, lost])).toEqual([slow, trips, lost]);
  expect(suspectChecks([check('bytes', '300', true)])).toEqual([]);
  for (const strict of ['bytes', 'negotiated', 'complete'] as const)
    expect(suspectChecks([check(strict, 'wrong', false), slow])).toEqual([]);
});

test('only what fails in both measurements fails, and both are told', () => {
  const first = { run, checks: [limit('240.00 ms', false), check('trips', '5.30', false)] };
  const second = { run, checks: [limit('210.00 ms', true), check('trips', '5.40', false)] };
  const { checks, notes, confirmation } = confirmChecks(first, second);
  expect(checks.map(({ found, passed }) => [found, passed])).toEqual([
    ['240.00 ms, but in a second measurement 210.00 ms', true],
    ['5.30, and in a second measurement 5.40', false],
  ]);
  expect(notes).toEqual([
    `Does not fail, since it failed once only: limits connackReceived p95 of ${CELL}: 240.00 ms, but in a second measurement 210.00 ms.`,
  ]);
  expect(confirmation).toEqual({
    confirmed: [`trips of ${CELL}`],
    notConfirmed: [`limits connackReceived p95 of ${CELL}`],
    first,
    second,
  });
});

test('two limits of one percentile are told apart; what held the first time is not looked at again', () => {
  const first = {
    run,
    checks: [limit('240.00 ms', true), limit('240.00 ms', false), check('bytes', '1', true)],
  };
  const second = { run, checks: [limit('250.00 ms', false), limit('250.00 ms', true)] };
  const { checks } = confirmChecks(first, second);
  expect(checks.map(({ passed }) => passed)).toEqual([true, true, true]);
  expect(checks[0]?.found).toBe('240.00 ms');
});

test('what a second measurement has nothing of fails', () => {
  const { checks } = confirmChecks({ run, checks: [limit('240.00 ms', false)] }, { run, checks: [] });
  expect(checks).toMatchObject([
    { passed: false, found: '240.00 ms, and in a second measurement nothing of it' },
  ]);
});
