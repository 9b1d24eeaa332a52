import { gammaln } from 'simple-statistics';
import type { Interval } from './median.ts';
import { Z_95 } from './normal.ts';

/** So many of all. */
export interface Share {
  part: number;
  whole: number;
}

/**
 * The difference candidate − baseline of two shares with a 95 % interval, which also holds where a share is 0 or 1:
 * Wilson's score intervals of both, squared and added (Newcombe, "Interval estimation for the difference between
 * independent proportions", Statistics in Medicine 17, 1998, method 10).
 */
export function differenceOfShares(baseline: Share, candidate: Share): Interval & { value: number } {
  const [p1, p2] = [shareOf(baseline), shareOf(candidate)];
  const [before, after] = [wilson(baseline), wilson(candidate)];
  return {
    value: p2 - p1,
    low: p2 - p1 - Math.hypot(p2 - after.low, before.high - p1),
    high: p2 - p1 + Math.hypot(after.high - p2, p1 - before.low),
  };
}

/**
 * How likely a candidate's part is at least as large when both shares are the same: Fisher's exact test, one-sided
 * (hypergeometric). 1 where nothing was tried.
 */
export function fisherGreater(baseline: Share, candidate: Share): number {
  const whole = baseline.whole + candidate.whole;
  const part = baseline.part + candidate.part;
  const most = Math.min(part, candidate.whole);
  let sum = 0;
  for (let k = candidate.part; k <= most; k++) {
    if (part - k > baseline.whole) continue;
    sum += Math.exp(
      logChoose(candidate.whole, k) + logChoose(baseline.whole, part - k) - logChoose(whole, part),
    );
  }
  return Math.min(1, sum);
}

/**
 * Wilson's score interval of a share (Journal of the American Statistical Association 22, 1927), of 95 % unless another
 * number of standard errors is given. `whole` need not be a whole number where not all of them are independent.
 */
export function wilson({ part, whole }: Share, z = Z_95): Interval {
  if (whole === 0) return { low: 0, high: 1 };
  const p = part / whole;
  const z2 = z ** 2;
  const middle = (p + z2 / (2 * whole)) / (1 + z2 / whole);
  const half = (z / (1 + z2 / whole)) * Math.sqrt((p * (1 - p)) / whole + z2 / (4 * whole ** 2));
  // At the ends the formula is exact but for rounding.
  return {
    low: part === 0 ? 0 : middle - half,
    high: part === whole ? 1 : middle + half,
  };
}

function shareOf({ part, whole }: Share): number {
  return whole === 0 ? 0 : part / whole;
}

function logChoose(n: number, k: number): number {
  return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
}
