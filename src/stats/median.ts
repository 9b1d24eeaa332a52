import { medianSorted } from 'simple-statistics';

export interface Interval {
  low: number;
  high: number;
}

/** The median of values in any order. Throws when there are none. */
export function median(values: readonly number[]): number {
  return medianSorted(ascending(values));
}

/**
 * A distribution-free 95 % interval of the median: order statistics whose ranks come from the binomial distribution
 * by its normal approximation (Le Boudec, Performance Evaluation of Computer and Communication Systems, §2.2).
 * `sorted` is ascending and not empty; with fewer than 6 values the interval is the whole range.
 */
export function medianInterval(sorted: readonly number[]): Interval {
  const n = sorted.length;
  const half = 0.98 * Math.sqrt(n);
  const low = Math.max(0, Math.floor(n / 2 - half) - 1);
  const high = Math.min(n - 1, Math.ceil(n / 2 + half));
  return { low: sorted[low] ?? Number.NaN, high: sorted[high] ?? Number.NaN };
}

/** A sorted copy, smallest first. */
export function ascending(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}
