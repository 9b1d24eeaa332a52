import { median } from './median.ts';

/** A straight line: `y = slope · x + intercept`. */
export interface StraightLine {
  slope: number;
  intercept: number;
}

/**
 * The line through points by Theil and Sen: the median of the slopes of all pairs of points, and the median of what
 * then remains at x = 0. Up to 29 % of the points may be wrong by any amount without moving it far, where one is enough
 * for least squares (Theil, A rank-invariant method of linear and polynomial regression analysis, 1950; Sen, Estimates
 * of the regression coefficient based on Kendall's tau, 1968). Through two points it is the line through both. Takes
 * two points or more, of at least two different x. The npm package of the name takes the lower of an even count's
 * middle two for the median, where Sen takes their mean, so it leans to one side.
 */
export function theilSen(points: readonly (readonly [x: number, y: number])[]): StraightLine {
  const slopes: number[] = [];
  for (const [index, [x, y]] of points.entries()) {
    for (const [otherX, otherY] of points.slice(index + 1)) {
      if (otherX !== x) slopes.push((otherY - y) / (otherX - x));
    }
  }
  const slope = median(slopes);
  return { slope, intercept: median(points.map(([x, y]) => y - slope * x)) };
}
