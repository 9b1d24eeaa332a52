import { nowUs } from '../measure/clock.ts';

/** Node's timers fire up to 1.5 ms early and 1 ms late; the rest of the way is spun, with I/O served in between. */
const EARLY_US = 2000;

/**
 * Fires the items of an open-loop schedule at their times, in order, whatever became of the earlier ones. Items that
 * are overdue fire at once, one after another; they are never skipped.
 */
export class Pacer {
  #stopped = false;

  /** `timeUs(i)` is the i-th item's instant on the monotonic clock, undefined after the last. Resolves when all have fired. */
  async run(timeUs: (index: number) => number | undefined, fire: (index: number) => void): Promise<void> {
    for (let index = 0; !this.#stopped; index++) {
      const dueUs = timeUs(index);
      if (dueUs === undefined) return;
      await this.#until(dueUs);
      if (this.#stopped) return;
      fire(index);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #until(dueUs: number): Promise<void> {
    for (;;) {
      const leftUs = dueUs - nowUs();
      if (leftUs <= 0 || this.#stopped) return;
      await new Promise((resolve) => {
        // Long waits are cut up so that a stop is noticed.
        if (leftUs > EARLY_US) setTimeout(resolve, Math.min((leftUs - EARLY_US) / 1000, 100));
        else setImmediate(resolve);
      });
    }
  }
}
