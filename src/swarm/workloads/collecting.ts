import { nowUs } from '../../measure/clock.ts';
import { encodeHistogram, newHistogram, recordMs, type LatencyHistogram } from '../../measure/histogram.ts';
import type { Opener } from '../../payload/opening.ts';
import { ReplayState } from '../../payload/replay.ts';
import type { Injected, ToldApart } from '../../payload/tally.ts';
import type { Collected } from './pubsub.protocol.ts';
import { readHead } from './message-head.ts';
import { Rate } from './rate.ts';

/** Counts and times what the standing subscribers of one cell receive. */
export class Collecting {
  readonly #startUs: number;
  readonly #seconds: LatencyHistogram[];
  /** Begins when the first message could be there: what the link takes is no lack of throughput. */
  #rate: Rate | undefined;
  readonly #service = newHistogram();
  /** Undefined where payloads come in clear. */
  readonly #opener: Opener | undefined;
  /** By subscriber. */
  readonly #replays = new Map<number, ReplayState>();
  #received = 0;

  /** Counts messages whose intended time lies in the `seconds` from `startUs` on. */
  constructor(startUs: number, seconds: number, opener?: Opener) {
    this.#startUs = startUs;
    this.#opener = opener;
    this.#seconds = Array.from({ length: seconds }, () => newHistogram());
  }

  /** A message that a subscriber got. Of a protected one, it is there when it is opened; one that is refused is not. */
  receive(
    { topic, payload, atUs }: { topic: string; payload: Buffer; atUs: number },
    subscriber: number,
  ): void {
    if (this.#opener === undefined) {
      this.#count(payload, atUs);
      return;
    }
    let replays = this.#replays.get(subscriber);
    if (replays === undefined) this.#replays.set(subscriber, (replays = new ReplayState()));
    const opened = this.#opener.open(topic, payload, replays);
    if (opened.verdict === 'genuine') this.#count(opened.payload, nowUs());
  }

  /** What became of messages that were altered on their way, and of the others. */
  tellApart(injected: readonly Injected[], subscribers: number): ToldApart | undefined {
    return this.#opener?.tally.tellApart(injected, subscribers);
  }

  #count(payload: Buffer, atUs: number): void {
    const { intendedUs, sentUs } = readHead(payload);
    if (intendedUs < this.#startUs) return;
    const index = Math.min(this.#seconds.length - 1, Math.floor((intendedUs - this.#startUs) / 1e6));
    const second = this.#seconds[index];
    if (second === undefined) return;
    this.#received++;
    this.#rate ??= new Rate(this.#startUs + (atUs - intendedUs), this.#seconds.length);
    this.#rate.count(atUs);
    recordMs(second, (atUs - intendedUs) / 1000);
    recordMs(this.#service, (atUs - sentUs) / 1000);
  }

  collected(): Collected {
    return {
      received: this.#received,
      receivedPerSecond: this.#rate?.perSecond ?? [],
      receivedForSeconds: this.#rate?.forSeconds ?? this.#seconds.length,
      seconds: this.#seconds.map((endToEnd) => ({ endToEndHdr: encodeHistogram(endToEnd) })),
      serviceHdr: encodeHistogram(this.#service),
      ...(this.#opener === undefined ? {} : { tally: this.#opener.tally.result() }),
    };
  }
}
