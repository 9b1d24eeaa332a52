import type { Check, Gate } from '../gate/gate.ts';
import { expectationOf } from '../report/comparison/tables.ts';

/**
 * Expectations that chance or a busy moment may break, and a second measurement can tell from a run that is not what it
 * should be. Bytes, negotiated parameters and whether all was measured are the same every time, and fail at once.
 */
const BY_CHANCE: ReadonlySet<Check['expectation']> = new Set(['trips', 'limits', 'failureBudget']);

/** Expectations that did not hold, where a second measurement could come to another end: all of them may be chance. */
export function suspectChecks(checks: readonly Check[]): Check[] {
  const failed = checks.filter(({ passed }) => !passed);
  return failed.every(({ expectation }) => BY_CHANCE.has(expectation)) ? failed : [];
}

type Held = NonNullable<Gate['confirmation']>['first'];

/** What a gate came to after a second measurement: only what failed in both fails. */
export function confirmChecks(
  first: Held,
  second: Held,
): Required<Pick<Gate, 'checks' | 'notes' | 'confirmation'>> {
  const again = Map.groupBy(second.checks, keyOf);
  const confirmed: string[] = [];
  const notConfirmed: Check[] = [];
  const checks = first.checks.map((check): Check => {
    // Two limits of one percentile have one name, and stand in the same order in both.
    const other = again.get(keyOf(check))?.shift();
    if (check.passed) return check;
    const found = (joint: string): string =>
      `${check.found}${joint} in a second measurement ${other?.found ?? 'nothing of it'}`;
    if (other?.passed !== true) {
      confirmed.push(keyOf(check));
      return { ...check, found: found(', and') };
    }
    const passing = { ...check, passed: true, found: found(', but') };
    notConfirmed.push(passing);
    return passing;
  });
  const notes = notConfirmed.map(
    (check) => `Does not fail, since it failed once only: ${keyOf(check)}: ${check.found}.`,
  );
  return {
    checks,
    notes,
    confirmation: { confirmed, notConfirmed: notConfirmed.map(keyOf), first, second },
  };
}

function keyOf(check: Check): string {
  return `${expectationOf(check)} of ${check.cell}`;
}
