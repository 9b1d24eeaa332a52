import { EXPECTATIONS, type Check, type Checker } from './gate.ts';
import type { Results } from '../results/schema.ts';
import type { Expect } from '../scenario/expect.ts';
import { checkBytes } from './bytes.ts';
import { checkComplete } from './complete.ts';
import { checkFailures } from './failures.ts';
import { checkLimits } from './limits.ts';
import { checkNegotiated } from './negotiated.ts';
import { checkTrips } from './trips.ts';

const CHECKERS: Record<(typeof EXPECTATIONS)[number], Checker> = {
  complete: checkComplete,
  trips: checkTrips,
  bytes: checkBytes,
  negotiated: checkNegotiated,
  limits: checkLimits,
  failureBudget: checkFailures,
};

/**
 * Holds results against what is expected of them, without a baseline: trips, bytes and parameters hardly depend on the
 * machine, so these can be strict. What was not measured fails.
 */
export function checkExpectations(results: Results, expect: Expect): Check[] {
  return EXPECTATIONS.flatMap((name) => CHECKERS[name](results, expect));
}
