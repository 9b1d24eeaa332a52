import type { DirectionTraffic } from '../backend.ts';
import type { Direction } from '../spec.ts';
import type { Generator } from './generator.ts';
import { Jitter } from './jitter.ts';
import { Loss } from './loss.ts';

/** What may wait for the rate limiter: packets, as netem's `limit` counts them. */
const QUEUE_PACKETS = 1000;

/** What became of a packet that entered a lane. */
export type Admission = { dueUs: number; copies: number } | { dropped: 'lost' | 'overflowed' };

/**
 * One direction of a link, in the order of tc-netem(8): a packet is lost by the loss model; otherwise it is serialized
 * at the link's rate behind the packets before it, and then delayed: `sent = max(now, last) + L/R; due = sent + delay +
 * jitter`. Jitter never makes a delay negative and never lets a packet overtake another: a radio link keeps its order.
 * A packet that `reorder` picks leaves without delay, ahead of the others.
 */
export class Lane {
  /** What has entered until now, and what became of it. */
  readonly traffic: DirectionTraffic = { packets: 0, lost: 0, overflowed: 0 };
  readonly #spec: Direction;
  readonly #random: Generator;
  readonly #loss: Loss;
  readonly #jitter: Jitter;
  #sentUs = 0;
  #dueUs = 0;
  /** When each packet that waits for the rate limiter will have been sent. */
  readonly #waiting: number[] = [];

  constructor(spec: Direction, random: Generator) {
    this.#spec = spec;
    this.#random = random;
    this.#loss = new Loss(spec, random);
    this.#jitter = new Jitter(spec, random);
  }

  /** A packet of so many bytes (IP headers included) enters now, in microseconds of the monotonic clock. */
  admit(nowUs: number, bytes: number): Admission {
    const { delayMs, rateKbit, reorder = 0, duplicate = 0 } = this.#spec;
    this.traffic.packets++;
    if (this.#loss.takes()) return this.#drop('lost');
    let sentUs = nowUs;
    if (rateKbit !== undefined) {
      while (this.#waiting[0] !== undefined && this.#waiting[0] <= nowUs) this.#waiting.shift();
      if (this.#waiting.length >= QUEUE_PACKETS) return this.#drop('overflowed');
      // A kilobit a second is a bit a millisecond.
      sentUs = Math.max(nowUs, this.#sentUs) + (bytes * 8000) / rateKbit;
      this.#sentUs = sentUs;
      this.#waiting.push(sentUs);
    }
    const copies = this.#random.happens(duplicate) ? 2 : 1;
    if (this.#random.happens(reorder)) return { dueUs: sentUs, copies };
    const delayUs = Math.max(0, delayMs * 1000 + this.#jitter.at(sentUs));
    this.#dueUs = Math.max(sentUs + delayUs, this.#dueUs);
    return { dueUs: this.#dueUs, copies };
  }

  #drop(dropped: 'lost' | 'overflowed'): Admission {
    this.traffic[dropped]++;
    return { dropped };
  }
}
