import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * Wakes the event loop at an instant, closer than Node's timers do: those count whole milliseconds of the loop's own
 * cached time, a thread that sleeps in a futex does not. One thread, one instant at a time.
 */
export class Alarm {
  readonly #cell = new BigInt64Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;
  /** Settles when the thread runs; before that every alarm is late. */
  readonly ready: Promise<void>;

  /** `onAlarm` runs on the event loop when the instant has come; now and then for one that was replaced. */
  constructor(onAlarm: () => void) {
    const module = new URL(`./alarm.worker${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(module, { workerData: this.#cell.buffer });
    this.ready = new Promise((resolve) => this.#worker.once('online', resolve));
    this.#worker.on('message', onAlarm);
    // Without the thread nothing would ever be released again.
    this.#worker.on('error', (error) => {
      throw error;
    });
    this.#worker.unref();
  }

  /** Replaces the instant to wake at; microseconds of the monotonic clock. */
  set(atUs: number): void {
    Atomics.store(this.#cell, 0, BigInt(Math.round(atUs * 1000)));
    Atomics.notify(this.#cell, 0);
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
