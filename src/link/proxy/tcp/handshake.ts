import type { Scheduler } from '../scheduler.ts';
import { Timer } from '../timer.ts';
import type { OnRelease, Packet, Wire } from '../wire.ts';
import { SYN_BYTES } from './segment.ts';

/** RFC 6298 §2.1. */
const FIRST_TIMEOUT_US = 1e6;
/** Linux since 6.5 (tcp_syn_linear_timeouts): so many timeouts before they begin to double. */
const EVEN_TIMEOUTS = 4;
/** Linux (tcp_syn_retries). */
const RETRIES = 6;

/** How the TCP handshake of a connection went. */
export interface Greeting {
  atUs: number;
  roundTripUs: number;
  /** SYNs that were lost, or whose answer was. */
  lost: number;
}

export interface HandshakeOptions {
  scheduler: Scheduler;
  up: Wire;
  down: Wire;
  /** The first SYN has reached the broker, and its answer leaves. */
  onSyn: (atUs: number) => void;
  onDone: (greeting: Greeting) => void;
  /** No SYN was answered. */
  onFailed: () => void;
  onRelease: OnRelease;
  /** The SYN of an end leaves; answers who is to be told when it comes to the other. Absent: nobody records them. */
  onSynPacket?: (from: 'client' | 'broker', atUs: number) => (arrivedUs: number) => void;
}

/** The modelled TCP handshake: SYN and SYN-ACK cross the link, and a SYN without an answer is sent again. */
export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #timer: Timer;
  #sent = 0;
  #reached = false;
  #done = false;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#timer = new Timer(options.scheduler, (atUs) => this.start(atUs));
  }

  /** SYNs that were sent again. */
  get retransmitted(): number {
    return Math.max(0, this.#sent - 1);
  }

  start(atUs: number): void {
    if (this.#sent > RETRIES) {
      this.#options.onFailed();
      return;
    }
    const nth = this.#sent++;
    this.#timer.set(atUs + FIRST_TIMEOUT_US * 2 ** Math.max(0, nth - EVEN_TIMEOUTS));
    const onArrival = this.#options.onSynPacket?.('client', atUs);
    this.#options.up.send(
      packet((reachedUs) => {
        onArrival?.(reachedUs);
        this.#answer(nth, atUs, reachedUs);
      }),
      atUs,
      this.#options.onRelease,
    );
  }

  stop(): void {
    this.#done = true;
    this.#timer.set(Infinity);
  }

  #answer(nth: number, sentUs: number, atUs: number): void {
    if (!this.#reached) {
      this.#reached = true;
      this.#options.onSyn(atUs);
    }
    const onArrival = this.#options.onSynPacket?.('broker', atUs);
    this.#options.down.send(
      packet((backUs) => {
        onArrival?.(backUs);
        this.#finish({ atUs: backUs, roundTripUs: backUs - sentUs, lost: nth });
      }),
      atUs,
    );
  }

  #finish(greeting: Greeting): void {
    if (this.#done) return;
    this.stop();
    this.#options.onDone(greeting);
  }
}

function packet(arrive: (atUs: number) => void): Packet {
  return { bytes: SYN_BYTES, isUrgent: () => true, arrive };
}
