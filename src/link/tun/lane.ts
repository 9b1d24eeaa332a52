import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Direction } from '../spec.ts';

/** What may wait for the rate limiter: packets, as netem's `limit` counts them. */
const QUEUE_PACKETS = 1000;
/** The tail of Pareto jitter: the smallest whole shape that has a standard deviation. */
const PARETO_SHAPE = 3;
/** netem's tables of distributions are 16-bit numbers in steps of 1/8192: they end at 4 standard deviations. */
const LARGEST_DEVIATION = 4;

export type Generator = ReturnType<typeof xoroshiro128plus>;

/** What became of a packet that entered a lane. */
export type Admission = { dueUs: number; copies: number } | { dropped: 'loss' | 'queue-full' };

/**
 * One direction of a link, as tc-netem(8) models it: a packet is lost by the loss model; otherwise it is serialized at
 * the link's rate behind the packets before it, and then delayed: `sent = max(now, last) + L/R; due = sent + delay +
 * jitter`. Jitter has the asked standard deviation, never makes a delay negative, and never lets a packet overtake
 * another: a radio link keeps its order. A packet that `reorder` picks leaves without delay, ahead of the others.
 */
export class Lane {
  readonly #spec: Direction;
  readonly #random: Generator;
  #sentUs = 0;
  #dueUs = 0;
  #bad = false;
  /** When each packet that waits for the rate limiter will have been sent. */
  readonly #waiting: number[] = [];

  constructor(spec: Direction, random: Generator) {
    this.#spec = spec;
    this.#random = random;
  }

  /** A packet of so many bytes (IP headers included) enters now, in microseconds of the monotonic clock. */
  admit(nowUs: number, bytes: number): Admission {
    const { delayMs, rateKbit, reorder = 0, duplicate = 0 } = this.#spec;
    if (this.#isLost()) return { dropped: 'loss' };
    let sentUs = nowUs;
    if (rateKbit !== undefined) {
      while (this.#waiting[0] !== undefined && this.#waiting[0] <= nowUs) this.#waiting.shift();
      if (this.#waiting.length >= QUEUE_PACKETS) return { dropped: 'queue-full' };
      // A kilobit a second is a bit a millisecond.
      sentUs = Math.max(nowUs, this.#sentUs) + (bytes * 8000) / rateKbit;
      this.#sentUs = sentUs;
      this.#waiting.push(sentUs);
    }
    const copies = this.#happens(duplicate) ? 2 : 1;
    if (this.#happens(reorder)) return { dueUs: sentUs, copies };
    this.#dueUs = Math.max(sentUs, sentUs + delayMs * 1000 + this.#jitterUs(), this.#dueUs);
    return { dueUs: this.#dueUs, copies };
  }

  #isLost(): boolean {
    const { loss, burstLoss } = this.#spec;
    if (burstLoss === undefined) return this.#happens(loss);
    const { p, r, lossBad, lossGood } = burstLoss;
    if (this.#happens(this.#bad ? r : p)) this.#bad = !this.#bad;
    return this.#happens(this.#bad ? lossBad : lossGood);
  }

  #happens(probability: number): boolean {
    return probability > 0 && uniformFloat64(this.#random) < probability;
  }

  /** Jitter around 0 with the link's standard deviation. */
  #jitterUs(): number {
    const { jitterMs, jitterDistribution = 'normal' } = this.#spec;
    if (jitterMs === 0) return 0;
    return jitterMs * 1000 * Math.min(LARGEST_DEVIATION, this.#standard(jitterDistribution));
  }

  /** A number with mean 0 and standard deviation 1. */
  #standard(distribution: NonNullable<Direction['jitterDistribution']>): number {
    const u = 1 - uniformFloat64(this.#random);
    if (distribution === 'uniform') return (2 * u - 1) * Math.sqrt(3);
    if (distribution === 'normal') {
      // Box and Muller (1958).
      return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * uniformFloat64(this.#random));
    }
    const mean = PARETO_SHAPE / (PARETO_SHAPE - 1);
    const deviation = Math.sqrt(PARETO_SHAPE / (PARETO_SHAPE - 2)) / (PARETO_SHAPE - 1);
    return (u ** (-1 / PARETO_SHAPE) - mean) / deviation;
  }
}
