/**
 * Counts what happens in the seconds of a schedule, and in those after it in which what is late still happens: who cannot
 * keep up with a rate needs longer.
 */
export class Rate {
  readonly perSecond: number[];
  readonly #startUs: number;
  #scheduled: number;
  #lastUs: number;

  /** `startUs` is when the first could happen; microseconds of the monotonic clock. */
  constructor(startUs: number, seconds: number) {
    this.#startUs = startUs;
    this.#lastUs = startUs;
    this.#scheduled = seconds;
    this.perSecond = Array.from({ length: seconds }, () => 0);
  }

  count(atUs: number): void {
    const second = Math.max(0, Math.floor((atUs - this.#startUs) / 1e6));
    while (this.perSecond.length <= second) this.perSecond.push(0);
    this.perSecond[second] = (this.perSecond[second] ?? 0) + 1;
    this.#lastUs = Math.max(this.#lastUs, atUs);
  }

  /** The schedule was cut short: what was due later is not missing. */
  cut(atUs: number): void {
    this.#scheduled = Math.min(this.#scheduled, Math.max(1e-3, (atUs - this.#startUs) / 1e6));
    // What was counted stays, also where it was late.
    const rows = Math.max(Math.ceil(this.#scheduled), this.perSecond.findLastIndex((count) => count > 0) + 1);
    this.perSecond.length = Math.min(this.perSecond.length, rows);
  }

  /** Seconds that all of it took, but no fewer than were scheduled. */
  get forSeconds(): number {
    return Math.max(this.#scheduled, (this.#lastUs - this.#startUs) / 1e6);
  }
}
