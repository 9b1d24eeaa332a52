import { checkFailures } from '../gate/failures.ts';
import type { Results } from '../results/schema.ts';
import type { Expect } from '../scenario/expect.ts';

/** Cells that lost more attempts than the budget allows, as sentences; empty when all is well. */
export function overBudget(results: Results, expect: Expect): string[] {
  return checkFailures(results, expect)
    .filter(({ passed }) => !passed)
    .map(({ cell, expected, found }) => `${cell}: ${found}, expect.failureBudget allows ${expected}`);
}
