import { nowUs } from '../../measure/clock.ts';
import type { DirectionTraffic } from '../backend.ts';
import type { Generator } from '../lane/generator.ts';
import { Lane } from '../lane/lane.ts';
import type { Direction } from '../spec.ts';
import { Fifo } from './fifo.ts';
import type { Scheduler, Timed } from './scheduler.ts';

/** What crosses a wire. */
export interface Packet {
  /** IP and TCP headers included. */
  readonly bytes: number;
  /** False for what may be looked at late: an acknowledgement that nobody waits for. */
  isUrgent(): boolean;
  /** It has arrived; `atUs` is when it was due. */
  arrive(atUs: number): void;
}

/** Told how late an urgent packet was released, and whether it had to wait at all. */
export type OnRelease = (lateUs: number, waited: boolean) => void;

interface Flying {
  packet: Packet;
  dueUs: number;
  waits: boolean;
  onRelease: OnRelease | undefined;
}

/**
 * One direction of a link, shared by all its connections:
 *
 *     send(packet) ──► lane: loss, rate, delay, jitter ──► [ FIFO ] ── release() ──► packet.arrive()
 *
 * The lane is the one of the TUN delay line. Its deadlines never fall, so one FIFO and one deadline of the scheduler
 * serve all connections. All instants are nominal: what an event causes counts from when the event was due, not from
 * when this process came to it, so that lateness does not add up over the round trips of a transfer.
 */
export class Wire implements Timed {
  /** Nothing is lost here or comes later than the delay: no timer of a sender will ever go off. */
  readonly ideal: boolean;
  readonly delayUs: number;
  readonly #lane: Lane;
  readonly #scheduler: Scheduler;
  readonly #flying = new Fifo<Flying>();
  #sentUs = 0;
  /** The deadline that the scheduler holds for this wire; -Infinity while packets are handed out. */
  #wakeUs = Infinity;

  constructor(spec: Direction, random: Generator, scheduler: Scheduler) {
    this.#lane = new Lane(spec, random);
    this.#scheduler = scheduler;
    this.delayUs = spec.delayMs * 1000;
    this.ideal =
      spec.loss + spec.jitterMs === 0 && spec.burstLoss === undefined && spec.rateKbit === undefined;
  }

  get traffic(): DirectionTraffic {
    return this.#lane.traffic;
  }

  /** A packet leaves its sender. What the lane drops is heard of no more. */
  send(packet: Packet, atUs: number, onRelease?: OnRelease): void {
    // The lane's chance and rate are functions of time: they are asked in order.
    this.#sentUs = Math.max(atUs, this.#sentUs);
    const admission = this.#lane.admit(this.#sentUs, packet.bytes);
    if ('dropped' in admission) return;
    const { dueUs } = admission;
    this.#flying.push({ packet, dueUs, waits: dueUs > this.#sentUs, onRelease });
    if (dueUs < this.#wakeUs && packet.isUrgent()) this.#wakeAt(dueUs);
  }

  /** Hands out what is due by now, also what is not urgent. */
  settle(atUs: number): void {
    if ((this.#flying.first()?.dueUs ?? Infinity) <= atUs) this.hurry();
  }

  /** An end begins to wait for acknowledgements. */
  hurry(): void {
    const next = this.#flying.first();
    if (next !== undefined && next.dueUs < this.#wakeUs) this.#wakeAt(next.dueUs);
  }

  release(dueUs: number): number | undefined {
    // A deadline that an earlier one has replaced.
    if (dueUs !== this.#wakeUs) return undefined;
    this.#wakeUs = -Infinity;
    for (let next = this.#flying.first(); next !== undefined; next = this.#flying.first()) {
      const lateUs = nowUs() - next.dueUs;
      if (lateUs < 0) break;
      this.#flying.shift();
      next.onRelease?.(lateUs, next.waits);
      next.packet.arrive(next.dueUs);
    }
    this.#wakeUs = this.#flying.find(isUrgent)?.dueUs ?? Infinity;
    return this.#wakeUs === Infinity ? undefined : this.#wakeUs;
  }

  #wakeAt(dueUs: number): void {
    this.#wakeUs = dueUs;
    this.#scheduler.at(dueUs, this);
  }
}

function isUrgent({ packet }: Flying): boolean {
  return packet.isUrgent();
}
