import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Direction } from '../spec.ts';

/** What waits for the rate limiter: packets, as netem's `limit` counts them. */
const QUEUE_PACKETS = 1000;

export type Generator = ReturnType<typeof xoroshiro128plus>;

/** What became of a packet that entered a lane. */
export type Admission = { dueUs: number } | { dropped: 'loss' | 'queue-full' };

/**
 * One direction of a link, as tc-netem(8) models it: a packet is lost with the given probability; otherwise it is
 * serialized at the link's rate behind the packets before it, and then delayed:
 * `sent = max(now, last) + L/R; due = sent + delay + jitter`. Jitter is normal around the delay, never below 0, and
 * never lets a packet overtake another: a radio link keeps its order.
 */
export class Lane {
  readonly #spec: Direction;
  readonly #random: Generator;
  #sentUs = 0;
  #dueUs = 0;
  /** When each packet that waits for the rate limiter will have been sent. */
  readonly #waiting: number[] = [];

  constructor(spec: Direction, random: Generator) {
    this.#spec = spec;
    this.#random = random;
  }

  /** A packet of so many bytes (IP headers included) enters now, in microseconds of the monotonic clock. */
  admit(nowUs: number, bytes: number): Admission {
    const { delayMs, jitterMs, loss, rateKbit } = this.#spec;
    if (loss > 0 && uniformFloat64(this.#random) < loss) return { dropped: 'loss' };
    let sentUs = nowUs;
    if (rateKbit !== undefined) {
      while (this.#waiting[0] !== undefined && this.#waiting[0] <= nowUs) this.#waiting.shift();
      if (this.#waiting.length >= QUEUE_PACKETS) return { dropped: 'queue-full' };
      sentUs = Math.max(nowUs, this.#sentUs) + (bytes * 8000) / rateKbit;
      this.#sentUs = sentUs;
      this.#waiting.push(sentUs);
    }
    const jitterUs = jitterMs === 0 ? 0 : this.#normal() * jitterMs * 1000;
    const dueUs = Math.max(sentUs, sentUs + delayMs * 1000 + jitterUs, this.#dueUs);
    this.#dueUs = dueUs;
    return { dueUs };
  }

  /** A standard normal number (Box and Muller, 1958). */
  #normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(this.#random)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(this.#random));
  }
}
