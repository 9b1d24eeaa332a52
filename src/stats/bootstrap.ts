import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { quantileSorted } from 'simple-statistics';
import { ascending, type Interval } from './median.ts';

/** Efron and Tibshirani ask for about a thousand where percentiles of 95 % are wanted. */
const RESAMPLES = 1000;
/** Beyond so many draws of rounds fewer resamples must do: rounds by the ten thousand have narrow intervals anyway. */
const MOST_DRAWS = 20e6;
const FEWEST_RESAMPLES = 200;
/** Of fewer values the median has no 95 % interval: all of five lie on one side of it in 6 % of the cases. */
export const FEWEST_VALUES = 6;

/** A value and the round that it was measured in. */
export interface RoundValue {
  round: number;
  value: number;
}

/**
 * Resamples of a run's rounds, for 95 % intervals of anything that is made of medians (the percentile bootstrap: Efron,
 * Bootstrap methods: another look at the jackknife, 1979; Efron and Tibshirani, An Introduction to the Bootstrap, §13.3).
 * The round is what is drawn, with replacement, and all that was measured in it comes along: connections of one round
 * share what the machine did just then. The same rounds and seed make the same resamples on every machine.
 */
export class RoundBootstrap {
  /** How often each round was drawn, by resample and position. */
  readonly #weights: Uint16Array[];
  readonly #positions: Map<number, number>;

  constructor(rounds: Iterable<number>, seed: number) {
    const ids = ascending([...new Set(rounds)]);
    this.#positions = new Map(ids.map((round, position) => [round, position]));
    const resamples = Math.min(RESAMPLES, Math.max(FEWEST_RESAMPLES, Math.floor(MOST_DRAWS / ids.length)));
    const generator = xoroshiro128plus(seed);
    this.#weights = Array.from({ length: ids.length === 0 ? 0 : resamples }, () => {
      const weights = new Uint16Array(ids.length);
      for (let draw = 0; draw < ids.length; draw++) {
        const position = uniformInt(generator, 0, ids.length - 1);
        weights[position] = (weights[position] ?? 0) + 1;
      }
      return weights;
    });
  }

  /**
   * The median of values in each resample, in the order of the resamples, so that medians of other values may be set
   * beside them. NaN where none of the values' rounds was drawn.
   */
  medians(values: readonly RoundValue[]): Float64Array {
    const sorted = values.toSorted((a, b) => a.value - b.value);
    const positions = Uint32Array.from(sorted, ({ round }) => this.#positions.get(round) ?? 0);
    const ordered = Float64Array.from(sorted, ({ value }) => value);
    return Float64Array.from(this.#weights, (weights) => weightedMedian(ordered, positions, weights));
  }
}

/** The median of values of which the i-th occurs `weights[positions[i]]` times; the mean of the middle two of an even count. */
function weightedMedian(sorted: Float64Array, positions: Uint32Array, weights: Uint16Array): number {
  let total = 0;
  for (const position of positions) total += weights[position] ?? 0;
  const half = total / 2;
  let seen = 0;
  for (let index = 0; index < sorted.length; index++) {
    const weight = weights[positions[index] ?? 0] ?? 0;
    if (weight === 0) continue;
    seen += weight;
    const value = sorted[index] ?? Number.NaN;
    if (seen > half) return value;
    if (seen < half) continue;
    // The middle lies between this value and the next one that was drawn.
    let next = index + 1;
    while (next < sorted.length && (weights[positions[next] ?? 0] ?? 0) === 0) next++;
    return (value + (sorted[next] ?? value)) / 2;
  }
  return Number.NaN;
}

/** The middle 95 % of what the resamples gave; undefined where they gave nothing. */
export function percentileInterval(estimates: Iterable<number>): Interval | undefined {
  const sorted = ascending([...estimates].filter((estimate) => Number.isFinite(estimate)));
  if (sorted.length === 0) return undefined;
  return { low: quantileSorted(sorted, 0.025), high: quantileSorted(sorted, 0.975) };
}
