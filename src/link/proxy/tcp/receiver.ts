import type { Acknowledgement, Segment } from './segment.ts';

/** Linux's TCP_MAX_QUICKACKS: the first segments of a connection, each acknowledged at once. */
const QUICK_ACKS = 16;
/** Linux's TCP_ATO_MIN and TCP_DELACK_MIN. */
const LEAST_DELAY_US = 40_000;
/** TCP_DELACK_MAX. */
const LONGEST_DELAY_US = 200_000;
/** Linux's first guess of what a full segment is (TCP_MSS_DEFAULT), until it has seen a larger one. */
const FIRST_GUESS_BYTES = 536;

/**
 * The receiving half of a TCP endpoint as Linux does it: puts the stream together, and decides when to acknowledge.
 * The first segments are acknowledged at once (quick acks), later ones when more than a full segment is owed, or a
 * small one when the application has read it; once the application answers what it receives (ping-pong), an
 * acknowledgement waits 40 ms for an answer to ride on; holes and duplicates are told at once (RFC 5681 §4.2).
 */
export class Receiver {
  #next = 0;
  #receipts = 0;
  readonly #behindHole = new Map<number, Segment>();
  #duplicate = false;
  /** Bytes that came since the latest acknowledgement. */
  #owedBytes = 0;
  #quickLeft = QUICK_ACKS;
  #delayUs = 0;
  #lastUs = -Infinity;
  #fullBytes = FIRST_GUESS_BYTES;
  #answers = false;

  /**
   * Takes a segment, whose copy left at `copySentUs`, and hands what is now in order to `deliver`. Answers when the
   * acknowledgement is due at the latest.
   */
  take(segment: Segment, copySentUs: number, atUs: number, deliver: (segment: Segment) => void): number {
    this.#duplicate = segment.receipt > 0;
    if (segment.receipt === 0) {
      segment.receipt = ++this.#receipts;
      segment.arrivedSentUs = copySentUs;
      this.#behindHole.set(segment.seq, segment);
    }
    const inOrder = segment.seq === this.#next;
    const hadHole = this.#behindHole.size > 1 || !inOrder;
    if (inOrder) this.#deliver(deliver);
    if (hadHole || this.#duplicate) return atUs;
    return this.#acknowledgeBy(segment, atUs);
  }

  /** What to say now; the debt is paid with it. */
  acknowledge(): Acknowledgement {
    const duplicate = this.#duplicate;
    if (this.#owedBytes > 0 && this.#quickLeft > 0) this.#quickLeft--;
    this.#owedBytes = 0;
    this.#duplicate = false;
    return { next: this.#next, receipts: this.#receipts, hole: this.#behindHole.size > 0, duplicate };
  }

  /** The application sends: an answer, if it is soon enough. */
  answered(atUs: number): void {
    if (atUs - this.#lastUs < this.#delayUs) this.#answers = true;
  }

  /** No answer came in time. */
  waitedInVain(): void {
    if (this.#answers) this.#delayUs = LEAST_DELAY_US;
    else this.#delayUs = Math.min(2 * this.#delayUs, LONGEST_DELAY_US);
    this.#answers = false;
  }

  #deliver(deliver: (segment: Segment) => void): void {
    for (;;) {
      const segment = this.#behindHole.get(this.#next);
      if (segment === undefined) return;
      this.#behindHole.delete(segment.seq);
      this.#next = segment.end;
      this.#owedBytes += segment.end - segment.seq;
      deliver(segment);
    }
  }

  #acknowledgeBy(segment: Segment, atUs: number): number {
    const sinceUs = atUs - this.#lastUs;
    if (this.#delayUs === 0) this.#delayUs = LEAST_DELAY_US;
    else if (sinceUs <= LEAST_DELAY_US / 2) this.#delayUs = this.#delayUs / 2 + LEAST_DELAY_US / 2;
    else if (sinceUs < this.#delayUs) this.#delayUs = this.#delayUs / 2 + sinceUs;
    this.#lastUs = atUs;
    this.#fullBytes = Math.max(this.#fullBytes, segment.payloadBytes);
    const small = segment.payloadBytes < this.#fullBytes || segment.ending !== undefined;
    const atOnce =
      segment.ending !== undefined ||
      this.#owedBytes > this.#fullBytes ||
      (!this.#answers && (this.#quickLeft > 0 || small));
    return atOnce ? atUs : atUs + Math.min(this.#delayUs, LONGEST_DELAY_US);
  }
}
