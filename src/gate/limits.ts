import { isSingle } from '../results/cell.ts';
import { decodeHistogram } from '../measure/histogram.ts';
import type { Distribution } from '../results/schema.ts';
import type { Expect } from '../scenario/expect.ts';
import type { Check, Checker } from './gate.ts';

/** A percentile with fewer samples beyond it is the luck of single ones. */
const FEWEST_BEYOND = 10;

type Limit = NonNullable<Expect['limits']>[number];

/** Percentiles must not exceed their limits, in every cell that the limit is for. */
export const checkLimits: Checker = ({ cells }, { limits = [] }) =>
  limits.flatMap((limit) => {
    const own = cells.filter(
      (cell) =>
        (limit.mode ?? cell.mode) === cell.mode && (limit.link ?? cell.link) === cell.link && isSingle(cell),
    );
    if (own.length === 0) {
      const cell = [limit.mode ?? 'every mode', limit.link ?? 'every link'].join('/');
      return [checkOf(limit, cell, { missing: 'no such cell was measured' })];
    }
    return own.map(({ id, milestones }) =>
      checkOf(limit, id, percentileOf(milestones[limit.milestone], limit)),
    );
  });

function percentileOf(
  distribution: Distribution | undefined,
  { percentile }: Limit,
): { ms: number } | { missing: string } {
  if (distribution === undefined) return { missing: 'no good sample' };
  const beyond = Math.floor((distribution.count * (100 - percentile)) / 100 + 1e-9);
  if (beyond < FEWEST_BEYOND) {
    return {
      missing: `${beyond} of ${distribution.count} samples lie beyond it, expected at least ${FEWEST_BEYOND}`,
    };
  }
  return { ms: decodeHistogram(distribution.hdr).getValueAtPercentile(percentile) / 1000 };
}

function checkOf(
  { milestone, percentile, maxMs }: Limit,
  cell: string,
  found: { ms: number } | { missing: string },
): Check {
  return {
    expectation: 'limits',
    cell,
    what: `${milestone} p${percentile}`,
    expected: `at most ${maxMs} ms`,
    found: 'ms' in found ? `${found.ms.toFixed(2)} ms` : found.missing,
    passed: 'ms' in found && found.ms <= maxMs,
  };
}
