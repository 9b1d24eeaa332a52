import FlatQueue from 'flatqueue';
import { nowUs } from '../../measure/clock.ts';
import { Alarm } from '../../process/alarm.ts';

/**
 * How long before a deadline the event loop is woken, to spin for the rest. The alarm itself is late by about 0.1 ms.
 * At 1,270 releases a second, 0.15 / 0.25 / 0.35 / 0.6 ms cost 13 / 19 / 26 / 42 % of a core, all with p50 0.003 ms;
 * at a tenth of the load 0.15 ms began to show in the median. `test/figures/proxy-lateness.ts` prints both.
 */
const MARGIN_US = 250;

/** Something that has something to do at an instant. */
export interface Timed {
  /** Does what is due at this deadline of its. Returns the instant of what comes next, or undefined when there is nothing. */
  release(dueUs: number): number | undefined;
}

/**
 * The one clockwork behind all links of the process: a heap of deadlines and one alarm. Never early. Between
 * the alarm and the deadline it spins with setImmediate, so that sockets are still read, and stamped, meanwhile.
 */
export class Scheduler {
  readonly #heap = new FlatQueue<Timed>();
  readonly #alarm = new Alarm(() => {
    this.#alarmUs = Infinity;
    this.#run();
  });
  #alarmUs = Infinity;
  #running = false;
  #spinning = false;
  /** Settles when deadlines can be kept. */
  readonly ready = this.#alarm.ready;

  /** Has `timed` released at an instant, in microseconds of the monotonic clock; at once when that has passed. */
  at(dueUs: number, timed: Timed): void {
    this.#heap.push(timed, dueUs);
    if (!this.#running && this.#heap.peek() === timed) this.#run();
  }

  /**
   * Does all that is due by now. Before something of the outside is stamped with the present, so that what carries
   * nominal instants comes in their order.
   */
  catchUp(): void {
    const nextUs = this.#heap.peekValue();
    if (!this.#running && nextUs !== undefined && nextUs <= nowUs()) this.#run();
  }

  #run(): void {
    this.#running = true;
    let nextUs: number | undefined;
    while ((nextUs = this.#heap.peekValue()) !== undefined && nextUs <= nowUs()) {
      const timed = this.#heap.pop();
      const laterUs = timed?.release(nextUs);
      if (timed !== undefined && laterUs !== undefined) this.#heap.push(timed, laterUs);
    }
    this.#running = false;
    if (nextUs !== undefined) this.#wait(nextUs);
  }

  #wait(untilUs: number): void {
    if (this.#spinning) return;
    const wakeUs = untilUs - MARGIN_US;
    if (wakeUs <= nowUs()) {
      this.#spinning = true;
      setImmediate(this.#spin);
    } else if (wakeUs !== this.#alarmUs) {
      this.#alarmUs = wakeUs;
      this.#alarm.set(wakeUs);
    }
  }

  readonly #spin = (): void => {
    this.#spinning = false;
    this.#run();
  };
}
