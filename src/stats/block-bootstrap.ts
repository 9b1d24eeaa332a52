import { quantileSorted, standardDeviation } from 'simple-statistics';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Interval } from './median.ts';

/** How many times a series is resampled: its 2.5 % quantile then rests on 25 resamples. */
export const RESAMPLES = 1000;

/** More blocks than this tell the spread no better and only take longer. */
const MOST_BLOCKS = 64;

/** An estimate with the uncertainty that resampling shows. */
export interface Estimate extends Interval {
  value: number;
  /** Standard deviation of the resampled estimates. */
  standardError: number;
}

/**
 * The difference candidate − baseline of the medians of two runs, with a 95 % interval: each run's median is resampled
 * by itself. The rounds of two runs are not aligned in time, so nothing pairs them; within a run neighbouring rounds
 * are alike, so blocks of consecutive rounds are drawn. The arguments are in the order of their rounds and not empty.
 * What differs between whole runs, such as a machine that is slower today, is in no run's own spread: the floors of a
 * verdict are for that.
 */
export function differenceOfMedians(
  baseline: ArrayLike<number>,
  candidate: ArrayLike<number>,
): Estimate & { baseline: number; candidate: number } {
  const before = resampledMedians(baseline, 'baseline');
  const after = resampledMedians(candidate, 'candidate');
  const differences = after.medians.map((median, index) => median - (before.medians[index] ?? Number.NaN));
  return {
    baseline: before.median,
    candidate: after.median,
    ...estimate(after.median - before.median, differences),
  };
}

/**
 * The median of per-round differences candidate − baseline, with a 95 % interval. For rounds that hold both, measured
 * a moment apart: what disturbs a round disturbs both and cancels out. In the order of the rounds, not empty.
 */
export function medianOfDifferences(differences: ArrayLike<number>): Estimate {
  const { median, medians } = resampledMedians(differences, 'candidate');
  return estimate(median, medians);
}

/**
 * How long the blocks of a series are: the cube root of its length, the order that estimates of a distribution call
 * for (Hall, Horowitz and Jing, "On blocking rules for the bootstrap with dependent data", Biometrika 82, 1995); of
 * very long series a 64th, which is longer.
 */
export function blockLength(count: number): number {
  return Math.max(Math.ceil(Math.cbrt(count)), Math.ceil(count / MOST_BLOCKS));
}

/**
 * Medians of series that are resampled in blocks of consecutive values (Künsch, "The jackknife and the bootstrap for
 * general stationary observations", Annals of Statistics 17, 1989), in a circle, so that the first and last values count
 * as often as all others (Politis and Romano, "A circular block-resampling procedure for stationary data", 1992).
 *
 * What is resampled is the share of values at or below the median; the rank that it misses one half by is then looked
 * up among the sorted values, which is the median of the resample to first order (Bahadur, "A note on quantiles in large
 * samples", 1966). For independent values this is the interval between order statistics of {@link medianInterval}.
 * It costs one addition for each block in place of sorting the resample. The deviations are widened by √(k/(k−1)) for k
 * blocks, since their mean is estimated from the same blocks. The same series always gives the same medians.
 */
function resampledMedians(
  values: ArrayLike<number>,
  stream: keyof typeof STREAMS,
): { median: number; medians: Float64Array } {
  const count = values.length;
  const sorted = Float64Array.from(values).sort();
  const median = quantileAt(sorted, 0.5);
  const length = blockLength(count);
  const blocks = Math.max(1, Math.round(count / length));
  const shares = blockShares(values, median, length);
  const share = shares.reduce((sum, each) => sum + each, 0) / count;
  const widening = blocks === 1 ? 1 : Math.sqrt(blocks / (blocks - 1));
  const starts = drawStarts(count, blocks, stream);
  const medians = new Float64Array(RESAMPLES);
  for (let resample = 0, draw = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (const end = draw + blocks; draw < end; draw++) sum += shares[starts[draw] ?? 0] ?? 0;
    medians[resample] = quantileAt(sorted, 0.5 - (sum / blocks - share) * widening);
  }
  return { median, medians };
}

/** For each start, the share of the block's values that are at or below a limit; half of those that equal it. */
function blockShares(values: ArrayLike<number>, limit: number, length: number): Float64Array {
  const count = values.length;
  const below = (index: number): number => {
    const value = values[index % count] ?? 0;
    return value < limit ? 1 : value === limit ? 0.5 : 0;
  };
  const shares = new Float64Array(count);
  let sum = 0;
  for (let index = 0; index < length; index++) sum += below(index);
  for (let start = 0; start < count; start++) {
    shares[start] = sum / length;
    sum += below(start + length) - below(start);
  }
  return shares;
}

/** Two runs must be resampled independently. */
const STREAMS = { baseline: 1, candidate: 2 } as const;
const drawn = new Map<string, Uint32Array>();

/** Where the blocks of all resamples start; cells of one size share them, since only their number matters. */
function drawStarts(count: number, blocks: number, stream: keyof typeof STREAMS): Uint32Array {
  const key = `${count}/${blocks}/${stream}`;
  const known = drawn.get(key);
  if (known !== undefined) return known;
  const generator = xoroshiro128plus(STREAMS[stream]);
  const starts = Uint32Array.from({ length: blocks * RESAMPLES }, () =>
    Math.floor(((generator.next() >>> 0) / 2 ** 32) * count),
  );
  // Cells that lost samples have sizes of their own; not all of those need to be kept.
  if (drawn.size >= 64) drawn.clear();
  drawn.set(key, starts);
  return starts;
}

/** The quantile between the two nearest values, whose middles stand for equal shares (Hazen). */
function quantileAt(sorted: Float64Array, share: number): number {
  const place = Math.min(sorted.length - 1, Math.max(0, share * sorted.length - 0.5));
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (place - below);
}

/** The percentile interval of resampled estimates (Efron 1979). */
function estimate(value: number, resampled: Float64Array): Estimate {
  const sorted = resampled.toSorted() as unknown as number[];
  return {
    value,
    low: Math.min(value, quantileSorted(sorted, 0.025)),
    high: Math.max(value, quantileSorted(sorted, 0.975)),
    standardError: standardDeviation(sorted),
  };
}
