import { Fifo } from '../fifo.ts';
import type { Acknowledgement, Segment } from './segment.ts';

/** Two jiffies of a kernel with 250 Hz: Linux lets no timer of loss recovery be shorter (TCP_TIMEOUT_MIN). */
export const LEAST_TIMER_US = 8000;
/** So many segments that arrived behind a hole leave no doubt about it (RFC 8985 §7.1). */
const NO_DOUBT = 3;

/** What an acknowledgement told anew. */
export interface Heard {
  /** Segments that are now known to have arrived. */
  delivered: number;
  /** Whether the first hole, or the front, has moved on. */
  advanced: boolean;
  /** Time since the oldest of them left; undefined when it was sent twice. */
  roundTripUs: number | undefined;
  /** When the copy that moved the front had left. */
  echoedUs: number | undefined;
}

/** What a sender has sent and does not know to have arrived; finds losses by time, as RACK does (RFC 8985). */
export class Scoreboard {
  readonly #segments = new Fifo<Segment>();
  /** Segments that are under way: sent, neither arrived nor lost. */
  inFlight = 0;
  lost = 0;
  #sacked = 0;
  /** The segment that left last of those that arrived: whatever left before it should be there too. */
  #latest = { sentUs: -Infinity, end: 0, roundTripUs: 0 };

  get length(): number {
    return this.#segments.length;
  }

  get sacked(): number {
    return this.#sacked;
  }

  add(segment: Segment): void {
    this.#segments.push(segment);
    this.inFlight++;
  }

  /** Takes back that a segment is lost: another copy of it is under way. */
  resent(segment: Segment): void {
    if (!segment.lost) return;
    segment.lost = false;
    this.lost--;
    this.inFlight++;
  }

  firstLost(): Segment | undefined {
    return this.lost === 0 ? undefined : this.#segments.find(({ lost }) => lost);
  }

  first(): Segment | undefined {
    return this.#segments.first();
  }

  last(): Segment | undefined {
    return this.#segments.last();
  }

  acknowledge({ next, receipts, hole }: Acknowledgement, atUs: number, leastRoundTripUs: number): Heard {
    const heard: Heard = { delivered: 0, advanced: false, roundTripUs: undefined, echoedUs: undefined };
    for (let first = this.#segments.first(); first !== undefined; first = this.#segments.first()) {
      if (first.end > next) break;
      this.#segments.shift();
      if (first.sacked) this.#sacked--;
      else this.#arrived(first, heard, atUs, leastRoundTripUs);
      if (!heard.advanced) heard.echoedUs = first.arrivedSentUs;
      heard.advanced = true;
    }
    if (!hole) return heard;
    for (const segment of this.#segments) {
      if (segment.sacked || segment.receipt === 0 || segment.receipt > receipts) continue;
      this.#arrived(segment, heard, atUs, leastRoundTripUs);
      segment.sacked = true;
      this.#sacked++;
    }
    return heard;
  }

  /**
   * Gives up what should have arrived before the latest that did, and more than `allowedUs` late. Answers when to look
   * again, or undefined.
   */
  findLosses(atUs: number, reordering: { beginning: boolean; leastUs: number }): number | undefined {
    if (this.#sacked === 0) return undefined;
    const allowedUs = !reordering.beginning || this.#sacked >= NO_DOUBT ? 0 : reordering.leastUs / 4;
    let againUs: number | undefined;
    for (const segment of this.#segments) {
      if (segment.sacked || segment.lost || !this.#leftBeforeLatest(segment)) continue;
      const dueUs = segment.sentUs + this.#latest.roundTripUs + allowedUs;
      if (dueUs <= atUs) this.#lose(segment);
      else againUs = Math.max(againUs ?? 0, dueUs + LEAST_TIMER_US);
    }
    return againUs;
  }

  /** After a timeout nothing is taken to be under way any more. */
  loseAll(): void {
    for (const segment of this.#segments) if (!segment.sacked && !segment.lost) this.#lose(segment);
  }

  /** The timeout was none: all is under way as before. */
  findAll(): void {
    for (const segment of this.#segments) this.resent(segment);
  }

  clear(): void {
    this.#segments.clear();
    this.inFlight = 0;
    this.lost = 0;
    this.#sacked = 0;
  }

  #arrived(segment: Segment, heard: Heard, atUs: number, leastRoundTripUs: number): void {
    heard.delivered++;
    if (segment.lost) {
      segment.lost = false;
      this.lost--;
    } else this.inFlight--;
    const tookUs = atUs - segment.sentUs;
    if (!segment.retransmitted) heard.roundTripUs = Math.max(heard.roundTripUs ?? 0, tookUs);
    // What comes sooner than any round trip answers an earlier copy.
    else if (tookUs < leastRoundTripUs) return;
    if (this.#leftBeforeLatest(segment)) return;
    this.#latest = { sentUs: segment.sentUs, end: segment.end, roundTripUs: tookUs };
  }

  #leftBeforeLatest({ sentUs, end }: Segment): boolean {
    return sentUs < this.#latest.sentUs || (sentUs === this.#latest.sentUs && end < this.#latest.end);
  }

  #lose(segment: Segment): void {
    segment.lost = true;
    this.lost++;
    this.inFlight--;
  }
}
