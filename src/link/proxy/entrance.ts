import { Fifo } from './fifo.ts';
import type { Scheduler, Timed } from './scheduler.ts';
import type { Parcel } from './tcp/segment.ts';

/**
 * Where the client's bytes enter the modelled connection. The kernel accepts a client before this process sees
 * anything, so the client believes itself connected one TCP handshake too early. Everything that it sends before it
 * has heard from the broker therefore leaves as much later than it came: where a real handshake would have put it,
 * the client's own compute included.
 */
export class Entrance implements Timed {
  readonly #scheduler: Scheduler;
  readonly #enter: (parcel: Parcel, atUs: number) => void;
  readonly #coming: Fifo<{ parcel: Parcel; atUs: number }> = new Fifo();
  /** What the handshake took; undefined until it is done. */
  #shiftUs: number | undefined;
  #heard = false;

  constructor(scheduler: Scheduler, enter: (parcel: Parcel, atUs: number) => void) {
    this.#scheduler = scheduler;
    this.#enter = enter;
  }

  /** The modelled handshake is done, and took so long. */
  open(tookUs: number): void {
    this.#shiftUs = tookUs;
    for (const coming of this.#coming) coming.atUs += tookUs;
    const first = this.#coming.first();
    if (first !== undefined) this.#scheduler.at(first.atUs, this);
  }

  /** The client has heard from the broker: what it sends from now on is in time. */
  heard(): void {
    this.#heard = true;
  }

  /** The client sends now. */
  push(parcel: Parcel, nowUs: number): void {
    const shiftUs = this.#heard ? 0 : this.#shiftUs;
    if (shiftUs === 0 && this.#coming.length === 0) {
      this.#enter(parcel, nowUs);
      return;
    }
    const atUs = Math.max(nowUs + (shiftUs ?? 0), this.#coming.last()?.atUs ?? 0);
    this.#coming.push({ parcel, atUs });
    if (shiftUs !== undefined && this.#coming.length === 1) this.#scheduler.at(atUs, this);
  }

  release(dueUs: number): number | undefined {
    for (let next = this.#coming.first(); next !== undefined; next = this.#coming.first()) {
      if (next.atUs > dueUs) return next.atUs;
      this.#coming.shift();
      this.#enter(next.parcel, next.atUs);
    }
    return undefined;
  }
}
