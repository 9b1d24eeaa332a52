import { nowUs } from '../measure/clock.ts';
import { Alarm } from '../process/alarm.ts';

/** The alarm is late by about 0.1 ms; the rest of the way is spun, with I/O served in between. */
const MARGIN_US = 250;

/** What starts later than this after its time is counted: the generator, not the broker, was late. */
export const LATE_US = 10_000;

/** So many overdue items fire in a row; then I/O is served: a broker's answers, and a stop. */
const IN_A_ROW = 32;

/**
 * Fires the items of an open-loop schedule at their times, in order, whatever became of the earlier ones. Items that
 * are overdue fire at once, one after another; they are never skipped.
 */
export class Pacer {
  #stopped = false;
  #inARow = 0;
  #wake: () => void = () => {};

  /** `timeUs(i)` is the i-th item's instant on the monotonic clock, undefined after the last. Resolves when all have fired. */
  async run(timeUs: (index: number) => number | undefined, fire: (index: number) => void): Promise<void> {
    const alarm = new Alarm(() => this.#wake());
    await alarm.ready;
    try {
      for (let index = 0; !this.#stopped; index++) {
        const dueUs = timeUs(index);
        if (dueUs === undefined) return;
        await this.#until(dueUs, alarm);
        if (this.#stopped) return;
        fire(index);
      }
    } finally {
      await alarm.close();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  async #until(dueUs: number, alarm: Alarm): Promise<void> {
    if (dueUs > nowUs()) this.#inARow = 0;
    else if (++this.#inARow % IN_A_ROW === 0) await new Promise((resolve) => setImmediate(resolve));
    while (!this.#stopped) {
      const leftUs = dueUs - nowUs();
      if (leftUs <= 0) return;
      await new Promise<void>((resolve) => {
        if (leftUs > MARGIN_US) {
          this.#wake = resolve;
          alarm.set(dueUs - MARGIN_US);
        } else {
          setImmediate(resolve);
        }
      });
    }
  }
}
