import { threadCpuMs } from './cpu-clock.ts';

/** A batch is long beside a step of the clock and short beside a round. */
export const BATCH_MS = 0.5;
/** How often sizes are chosen anew before measuring: code that is not compiled yet finds too small ones. */
export const WARM_PASSES = 4;

/** An operation that is too short for the clock of CPU time, done many times at a time. */
export class Batch {
  readonly #operation: () => void;
  #size = 1;

  constructor(operation: () => void) {
    this.#operation = operation;
  }

  /** Finds out how many are long enough for the clock. */
  choose(): void {
    this.#size = 1;
    while (this.run() * this.#size < BATCH_MS) this.#size *= 2;
  }

  /** Does a batch; answers what one operation of it cost, in milliseconds of CPU time. */
  run(): number {
    const start = threadCpuMs();
    for (let done = 0; done < this.#size; done++) this.#operation();
    return (threadCpuMs() - start) / this.#size;
  }
}
