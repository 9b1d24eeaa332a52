import type { Scheduler } from '../scheduler.ts';
import { Timer } from '../timer.ts';
import type { OnRelease, Packet, Wire } from '../wire.ts';
import { Receiver } from './receiver.ts';
import { HEADER_BYTES, type Acknowledgement, type Parcel, type Segment } from './segment.ts';
import { Sender } from './sender.ts';

export interface EndpointOptions {
  scheduler: Scheduler;
  /** The direction that it sends in, and the other. */
  out: Wire;
  back: Wire;
  /** A segment leaves; `again` when an earlier copy has. */
  onDeparture: (segment: Segment, atUs: number, again: boolean) => void;
  /**
   * A segment, or without one a pure acknowledgement, leaves with what it acknowledges; answers who is to be told when it
   * comes to the other end. Absent: nobody records them.
   */
  onPacket?: (
    segment: Segment | undefined,
    acknowledged: number,
    atUs: number,
  ) => (arrivedUs: number) => void;
  /** What the other end sent has come, in order. */
  deliver: (parcel: Parcel) => void;
  onRelease: OnRelease;
}

/** One end of a modelled TCP connection: what it is given to send reaches the other end as TCP would bring it there. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #ideal: boolean;
  readonly #sender: Sender;
  readonly #receiver = new Receiver();
  readonly #acknowledgementTimer: Timer;
  /** When what was received must be acknowledged at the latest. */
  #owedUs = Infinity;
  #peer: Endpoint | undefined;
  #stopped = false;

  constructor(options: EndpointOptions) {
    const { scheduler, out, back } = options;
    this.#options = options;
    this.#ideal = out.ideal && back.ideal;
    const timer = new Timer(scheduler, (atUs) => this.#sender.onTimer(atUs));
    this.#acknowledgementTimer = new Timer(scheduler, (atUs) => this.#payOverdue(atUs));
    this.#sender = new Sender({
      ideal: this.#ideal,
      transmit: (segment, atUs) => this.#transmit(segment, atUs),
      setTimer: (dueUs) => timer.set(dueUs),
      settle: (atUs) => this.#settle(atUs),
      hurry: (atUs) => this.#hurry(atUs),
    });
  }

  /** Joins two ends. */
  static join(one: Endpoint, other: Endpoint): void {
    one.#peer = other;
    other.#peer = one;
  }

  /** The TCP handshake is done, see {@link Sender.established}. */
  established(roundTripUs: number, lonely: boolean): void {
    this.#sender.established(roundTripUs, lonely);
  }

  /** Sends a pure acknowledgement. */
  acknowledge(atUs: number): void {
    this.#owedUs = Infinity;
    this.#acknowledgementTimer.set(Infinity);
    this.#send(undefined, atUs);
  }

  write(parcel: Parcel, atUs: number): void {
    if (!this.#stopped) this.#sender.write(parcel, atUs);
  }

  /** Nothing of what is under way in this direction is of use any more. */
  stopSending(): void {
    this.#sender.stop();
  }

  stop(): void {
    this.#stopped = true;
    this.#sender.stop();
    this.#acknowledgementTimer.set(Infinity);
  }

  #transmit(segment: Segment, atUs: number): void {
    this.#payOverdue(atUs);
    this.#owedUs = Infinity;
    if (!this.#ideal) this.#acknowledgementTimer.set(Infinity);
    this.#receiver.answered(atUs);
    this.#options.onDeparture(segment, atUs, segment.retransmitted);
    this.#send(segment, atUs);
  }

  #send(segment: Segment | undefined, atUs: number): void {
    const to = this.#peer;
    if (to === undefined) return;
    const acknowledgement = this.#receiver.acknowledge();
    const onArrival = this.#options.onPacket?.(segment, acknowledgement.next, atUs);
    const packet: Packet = {
      bytes: HEADER_BYTES + (segment?.payloadBytes ?? 0),
      // Where nothing is lost or waits for a rate, an acknowledgement that opens no window may come late.
      isUrgent: () => segment !== undefined || !this.#ideal || to.#sender.waits,
      arrive: (arrivedUs) => {
        onArrival?.(arrivedUs);
        to.#receive(segment, atUs, acknowledgement, arrivedUs);
      },
    };
    this.#options.out.send(packet, atUs, segment === undefined ? undefined : this.#options.onRelease);
  }

  #receive(segment: Segment | undefined, sentUs: number, said: Acknowledgement, atUs: number): void {
    if (this.#stopped) return;
    this.#sender.acknowledge(said, atUs);
    if (segment === undefined) return;
    this.#payOverdue(atUs);
    const owedUs = this.#receiver.take(segment, sentUs, atUs, ({ payload, ending }) => {
      for (const bytes of payload) this.#options.deliver(bytes);
      if (ending !== undefined) this.#options.deliver(ending);
    });
    if (owedUs <= atUs) this.acknowledge(atUs);
    else {
      this.#owedUs = Math.min(this.#owedUs, owedUs);
      if (!this.#ideal || (this.#peer !== undefined && this.#peer.#sender.waits))
        this.#acknowledgementTimer.set(this.#owedUs);
    }
  }

  /** Where no timer was set, because nobody waited, the acknowledgement left when it was due. */
  #payOverdue(atUs: number): void {
    if (this.#owedUs > atUs) return;
    const leftUs = this.#owedUs;
    this.#receiver.waitedInVain();
    this.acknowledge(leftUs);
  }

  #settle(atUs: number): void {
    if (this.#peer !== undefined) this.#peer.#payOverdue(atUs);
    this.#options.back.settle(atUs);
  }

  #hurry(atUs: number): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    peer.#payOverdue(atUs);
    if (peer.#owedUs < Infinity) peer.#acknowledgementTimer.set(peer.#owedUs);
    this.#options.back.hurry();
  }
}
