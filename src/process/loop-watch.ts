import { newHistogram, recordMs } from '../measure/histogram.ts';
import { nowUs } from '../measure/clock.ts';
import type { Stall } from './protocol.ts';

/** How often the watch looks; a stall is seen as its length less up to one interval. */
const INTERVAL_MS = 5;
/** A loop that is this much late can move a millisecond figure; shorter delays are the noise of every timer. */
export const STALL_MS = 10;

/** Watches this process's event loop: a queue in front of every stamp that it makes. */
export class LoopWatch {
  readonly #delays = newHistogram();
  readonly #stalls: Stall[] = [];
  readonly #timer: NodeJS.Timeout;
  #lastUs = nowUs();

  constructor() {
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
    this.#timer.unref();
  }

  #look(): void {
    const now = nowUs();
    const lateMs = Math.max(0, (now - this.#lastUs) / 1000 - INTERVAL_MS);
    recordMs(this.#delays, Math.min(lateMs, 3_600_000));
    if (lateMs > STALL_MS) this.#stalls.push({ fromUs: this.#lastUs, toUs: now });
    this.#lastUs = now;
  }

  /** Forgets what was seen until now, such as the start-up of the process. */
  reset(): void {
    this.#delays.reset();
    this.#stalls.length = 0;
    this.#lastUs = nowUs();
  }

  /** Looks no more. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Of the looks until now. */
  get loopDelayP99Ms(): number {
    return this.#delays.getValueAtPercentile(99) / 1000;
  }

  read(): { loopDelayP99Ms: number; stalls: Stall[] } {
    // A stall that goes on until now has not been seen by the timer.
    this.#look();
    return { loopDelayP99Ms: this.loopDelayP99Ms, stalls: [...this.#stalls] };
  }
}
