import { threadCpuMs } from './cpu-clock.ts';
import { WireEnd } from './wire.ts';

export type Side = 'client' | 'broker';

/** What one end wrote in one turn. */
export interface Flight {
  from: Side;
  bytes: number;
}

/**
 * Turns of the event loop after which an end has done all that it was given to do. One is enough for what Node's TLS
 * puts off; three leave no doubt, and cost about 3 µs.
 */
const QUIET_TURNS = 3;

/** More flights than any handshake has: two ends that never stop are a defect. */
const MOST_FLIGHTS = 32;

/**
 * Two ends of a connection that take turns in one thread, so that the thread's CPU clock tells what each of them costs.
 * A handshake of TLS alternates anyway: while one end works, the other waits for it. So an end is handed what the other
 * wrote, and all that the thread does until the loop is quiet is that end's: OpenSSL, Node's TLS and stream code in C++
 * and JavaScript, callbacks, garbage collection in this thread, the loop's own turns (some 1 µs each). No kernel, no
 * TCP, no other thread is in it. Method: a turn is timed from the delivery on by {@link threadCpuMs}.
 */
export class Lockstep {
  readonly near = new WireEnd();
  readonly far = new WireEnd();
  readonly flights: Flight[] = [];
  clientMs = 0;
  brokerMs = 0;

  /** Lets one end do something, until it is quiet, on its account. */
  async turn(side: Side, act: () => void): Promise<void> {
    const start = threadCpuMs();
    act();
    for (let turn = 0; turn < QUIET_TURNS; turn++) await immediate();
    const spent = threadCpuMs() - start;
    if (side === 'client') this.clientMs += spent;
    else this.brokerMs += spent;
  }

  /** Carries flights over, the client's first, until neither end has anything to say. */
  async exchange(): Promise<void> {
    while (this.near.hasSent || this.far.hasSent) {
      await this.#carry('client', this.near, this.far);
      await this.#carry('broker', this.far, this.near);
      if (this.flights.length > MOST_FLIGHTS) throw new Error('the two ends never stop talking');
    }
  }

  async #carry(from: Side, source: WireEnd, sink: WireEnd): Promise<void> {
    const bytes = source.takeSent();
    if (bytes === undefined) return;
    this.flights.push({ from, bytes: bytes.length });
    await this.turn(from === 'client' ? 'broker' : 'client', () => sink.deliver(bytes));
  }

  /** Ends both ends of the wire, on nobody's account. */
  async close(): Promise<void> {
    this.near.destroy();
    this.far.destroy();
    await immediate();
  }
}

function immediate(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
