import { errorFunction } from 'simple-statistics';
import type { Direction } from '../spec.ts';
import type { Generator } from './generator.ts';

/**
 * How fast the delay drifts: the standard deviation of its rate of change, in milliseconds a millisecond. A packet
 * overtakes the one before where the delay falls by more than the time between them, so by more than 1; at a quarter
 * of it that takes four standard deviations.
 */
export const STEEPNESS = 0.25;
/** netem's tables of distributions are 16-bit numbers in steps of 1/8192: they end at 4 standard deviations. */
const LARGEST_DEVIATION = 4;
/** The tail of Pareto jitter: the smallest whole shape that has a standard deviation. */
const PARETO_SHAPE = 3;
const PARETO_MEAN = PARETO_SHAPE / (PARETO_SHAPE - 1);
const PARETO_DEVIATION = Math.sqrt(PARETO_SHAPE / (PARETO_SHAPE - 2)) / (PARETO_SHAPE - 1);
/** Below this step the exact covariances are differences of nearly equal numbers; their series is exact there. */
const SMALL_STEP = 1e-3;

/**
 * The jitter of one direction: the delay drifts smoothly around its mean, as that of a radio channel does, with the
 * asked standard deviation and distribution.
 *
 * Drawing each packet's delay by itself, as netem does, is no model of a link that keeps its order: packets of one
 * burst would overtake each other or, when held back, wait for the slowest among them, so that dense traffic sees a
 * much larger mean than what was asked. Here packets that enter together have the same delay. The drift is a Gaussian
 * process with a Matérn-3/2 covariance, the smoothest that two numbers of state suffice for (Hartikainen and Särkkä,
 * "Kalman filtering and smoothing solutions to temporal Gaussian process regression models", 2010), sampled exactly at
 * whatever instants packets come. Other distributions than the normal are the same process through their quantiles.
 */
export class Jitter {
  readonly #scaleUs: number;
  readonly #distribution: NonNullable<Direction['jitterDistribution']>;
  readonly #random: Generator;
  #atUs: number | undefined;
  /** The drift and its rate of change, both with variance 1. */
  #drift = 0;
  #change = 0;

  constructor({ jitterMs, jitterDistribution = 'normal' }: Direction, random: Generator) {
    this.#scaleUs = jitterMs * 1000;
    this.#distribution = jitterDistribution;
    this.#random = random;
  }

  /** What the delay has beyond its mean for a packet that enters now, in microseconds; instants never fall. */
  at(nowUs: number): number {
    if (this.#scaleUs === 0) return 0;
    this.#advance(nowUs);
    return this.#scaleUs * clamp(shaped(this.#drift, this.#distribution));
  }

  #advance(nowUs: number): void {
    const [first, second] = [this.#random.normal(), this.#random.normal()];
    if (this.#atUs === undefined) {
      this.#drift = first;
      this.#change = second;
    } else {
      const step = (STEEPNESS * (nowUs - this.#atUs)) / this.#scaleUs;
      const decay = Math.exp(-step);
      const { drift, cross, change } = noise(step, decay);
      const [x, v] = [this.#drift, this.#change];
      this.#drift = decay * ((1 + step) * x + step * v) + drift * first;
      this.#change = decay * ((1 - step) * v - step * x) + cross * first + change * second;
    }
    this.#atUs = nowUs;
  }
}

/** The Cholesky factor of what a step adds by chance: the identity less what the step carries over of it. */
function noise(step: number, decay: number): { drift: number; cross: number; change: number } {
  if (step < SMALL_STEP) {
    return { drift: Math.sqrt((4 / 3) * step ** 3), cross: Math.sqrt(3 * step), change: Math.sqrt(step) };
  }
  const carried = decay ** 2;
  const drift = Math.sqrt(1 - carried * (1 + 2 * step + 2 * step ** 2));
  const cross = (2 * step ** 2 * carried) / drift;
  const change = Math.sqrt(Math.max(0, 1 - carried * (1 - 2 * step + 2 * step ** 2) - cross ** 2));
  return { drift, cross, change };
}

/** A normal number turned into one of another distribution, with mean 0 and standard deviation 1. */
function shaped(normal: number, distribution: NonNullable<Direction['jitterDistribution']>): number {
  if (distribution === 'normal') return normal;
  const above = (1 - errorFunction(normal / Math.SQRT2)) / 2;
  if (distribution === 'uniform') return Math.sqrt(3) * (1 - 2 * above);
  return (Math.max(above, Number.EPSILON) ** (-1 / PARETO_SHAPE) - PARETO_MEAN) / PARETO_DEVIATION;
}

function clamp(deviation: number): number {
  return Math.max(-LARGEST_DEVIATION, Math.min(LARGEST_DEVIATION, deviation));
}
