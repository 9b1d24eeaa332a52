import { quantileSorted, standardDeviation } from 'simple-statistics';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Interval } from './median.ts';
import { sortedWhole } from './radix-sort.ts';

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
  const sorted = values instanceof Int32Array ? sortedWhole(values) : new Float64Array(values).sort();
  const median = quantileAt(sorted, 0.5);
  const length = blockLength(count);
  const blocks = Math.max(1, Math.round(count / length));
  const halves = blockHalves(values, median, length);
  let all = 0;
  for (const each of halves) all += each;
  const share = all / (2 * length * count);
  const widening = blocks === 1 ? 1 : Math.sqrt(blocks / (blocks - 1));
  const starts = drawStarts(count, blocks, stream);
  const medians = new Float64Array(RESAMPLES);
  for (let resample = 0, draw = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (const end = draw + blocks; draw < end; draw++) sum += halves[starts[draw] ?? 0] ?? 0;
    medians[resample] = quantileAt(sorted, 0.5 - (sum / (2 * length * blocks) - share) * widening);
  }
  return { median, medians };
}

/** Series come in thousands of one size: what is needed for one only is used again for the next. */
let scratch = new Int32Array(0);

/**
 * For each start, twice the number of the block's values that are below a limit; those that equal it count half. Good until the
 * next call.
 */
function blockHalves(values: ArrayLike<number>, limit: number, length: number): Int32Array {
  const count = values.length;
  const below = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const value = values[index] ?? 0;
    below[index] = value < limit ? 2 : value === limit ? 1 : 0;
  }
  if (scratch.length !== count) scratch = new Int32Array(count);
  const halves = scratch;
  let sum = 0;
  for (let index = 0; index < length; index++) sum += below[index] ?? 0;
  for (let start = 0, next = length % count; start < count; start++) {
    halves[start] = sum;
    sum += (below[next] ?? 0) - (below[start] ?? 0);
    next = next + 1 === count ? 0 : next + 1;
  }
  return halves;
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
  const starts = new Uint32Array(blocks * RESAMPLES);
  for (let draw = 0; draw < starts.length; draw++)
    starts[draw] = Math.floor(((generator.next() >>> 0) / 2 ** 32) * count);
  // Cells that lost samples have sizes of their own; not all of those need to be kept.
  if (drawn.size >= 64) drawn.clear();
  drawn.set(key, starts);
  return starts;
}

/** The quantile between the two nearest values, whose middles stand for equal shares (Hazen). */
function quantileAt(sorted: Float64Array | Int32Array, share: number): number {
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
