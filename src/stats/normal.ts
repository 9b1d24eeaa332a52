import { errorFunction } from 'simple-statistics';

/** The 97.5 % quantile of the standard normal distribution: 95 % lie within it on both sides of the mean. */
export const Z_95 = 1.959964;

/** The 95 % quantile. */
export const Z_POWER_95 = 1.644854;

/** How likely a standard normal value is above `z`. Exact to about 1e-7, and never 0. */
export function upperTail(z: number): number {
  return Math.max(Number.MIN_VALUE, (1 - errorFunction(z / Math.SQRT2)) / 2);
}
