import type { Scheduler, Timed } from './scheduler.ts';

/** A deadline that is moved often and seldom met: a move to later costs nothing. */
export class Timer implements Timed {
  readonly #scheduler: Scheduler;
  readonly #onDue: (dueUs: number) => void;
  #dueUs = Infinity;
  /** The deadline that the scheduler holds. */
  #heldUs = Infinity;

  constructor(scheduler: Scheduler, onDue: (dueUs: number) => void) {
    this.#scheduler = scheduler;
    this.#onDue = onDue;
  }

  /** Replaces the deadline; Infinity for none. */
  set(dueUs: number): void {
    this.#dueUs = dueUs;
    if (dueUs >= this.#heldUs) return;
    this.#heldUs = dueUs;
    this.#scheduler.at(dueUs, this);
  }

  release(atUs: number): number | undefined {
    // One that an earlier one has replaced.
    if (atUs !== this.#heldUs) return undefined;
    this.#heldUs = Infinity;
    if (this.#dueUs > atUs) {
      this.#heldUs = this.#dueUs;
      return this.#heldUs === Infinity ? undefined : this.#heldUs;
    }
    this.#dueUs = Infinity;
    this.#onDue(atUs);
    return undefined;
  }
}
