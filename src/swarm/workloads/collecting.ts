import { encodeHistogram, newHistogram, recordMs, type LatencyHistogram } from '../../measure/histogram.ts';
import type { Collected } from './pubsub.protocol.ts';
import { readHead } from './message-head.ts';

/** Counts and times what the standing subscribers of one cell receive. */
export class Collecting {
  readonly #startUs: number;
  readonly #seconds: { received: number; endToEnd: LatencyHistogram }[];
  readonly #service = newHistogram();
  #received = 0;

  /** Counts messages whose intended time lies in the `seconds` from `startUs` on. */
  constructor(startUs: number, seconds: number) {
    this.#startUs = startUs;
    this.#seconds = Array.from({ length: seconds }, () => ({ received: 0, endToEnd: newHistogram() }));
  }

  receive(payload: Buffer, atUs: number): void {
    const { intendedUs, sentUs } = readHead(payload);
    if (intendedUs < this.#startUs) return;
    const index = Math.min(this.#seconds.length - 1, Math.floor((intendedUs - this.#startUs) / 1e6));
    const second = this.#seconds[index];
    if (second === undefined) return;
    this.#received++;
    second.received++;
    recordMs(second.endToEnd, (atUs - intendedUs) / 1000);
    recordMs(this.#service, (atUs - sentUs) / 1000);
  }

  collected(): Collected {
    return {
      received: this.#received,
      seconds: this.#seconds.map(({ received, endToEnd }) => ({
        received,
        endToEndHdr: encodeHistogram(endToEnd),
      })),
      serviceHdr: encodeHistogram(this.#service),
    };
  }
}
