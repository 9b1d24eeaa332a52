import { nowUs } from '../../measure/clock.ts';
import { LoopWatch } from '../../process/loop-watch.ts';
import type { Spent } from './fleet.protocol.ts';

/** Marks in a row are one: reading costs something. */
const MARK_EVERY_US = 20_000;

/** Measures what this process uses, and how late its event loop is, from now on. */
export class Meter {
  readonly #watch = new LoopWatch();
  readonly #fromUs = nowUs();
  readonly #before = process.cpuUsage();
  #marked: Spent | undefined;
  #markedUs = 0;

  /** Something happened: what is used after the last mark does not count, where there is one. */
  mark(): void {
    const atUs = nowUs();
    if (atUs - this.#markedUs < MARK_EVERY_US) return;
    this.#markedUs = atUs;
    this.#marked = this.#read();
  }

  /** Ends the measurement; answers what was used until the last mark, or until now. */
  end(): Spent {
    // A stall that goes on until now counts where nothing was marked.
    if (this.#marked === undefined) this.#watch.read();
    const spent = this.#marked ?? this.#read();
    this.#watch.close();
    return spent;
  }

  #read(): Spent {
    const { user, system } = process.cpuUsage(this.#before);
    return {
      seconds: (nowUs() - this.#fromUs) / 1e6,
      cpuSeconds: (user + system) / 1e6,
      loopDelayP99Ms: this.#watch.loopDelayP99Ms,
    };
  }
}
