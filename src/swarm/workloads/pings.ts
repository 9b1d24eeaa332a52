import { generate } from 'mqtt-packet';
import { nowUs } from '../../measure/clock.ts';
import { encodeHistogram, newHistogram, recordMs } from '../../measure/histogram.ts';
import { LATE_US } from '../pacer.ts';
import type { Fleet } from './fleet.ts';
import type { Held, HoldJob } from './hold.protocol.ts';

const PINGREQ = generate({ cmd: 'pingreq' });

/** How often it is looked who has to ping. A timer of each client's, and a sharper one, would be part of what is measured. */
const LOOK_MS = 5;

/**
 * Keeps a fleet alive: each member that is connected sends PINGREQ once in each keep-alive time (OASIS MQTT 3.1.1
 * §3.1.2.10, §3.12), and all of them evenly over it. Who gets no PINGRESP in time, or not before the next PINGREQ is due,
 * is lost.
 */
export class Pings {
  /** How long PINGRESP may take. */
  readonly timeoutUs: number;
  readonly #fleet: Fleet;
  readonly #periodUs: number;
  /** When each member's PINGREQ left that has no answer yet; 0 where there is none. */
  readonly #sentUs: Float64Array;
  /** In the order in which their PINGREQ left. */
  readonly #waiting: number[] = [];
  readonly #roundTrip = newHistogram();
  readonly #count = { due: 0, late: 0, answered: 0 };
  #from = { startUs: Infinity, endUs: Infinity };
  #startUs = 0;
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(fleet: Fleet, { keepAliveSeconds, pingTimeoutMs }: HoldJob) {
    this.#fleet = fleet;
    this.#periodUs = keepAliveSeconds * 1e6;
    this.timeoutUs = Math.min(pingTimeoutMs * 1000, this.#periodUs);
    this.#sentUs = new Float64Array(fleet.members.length);
  }

  /** How many PINGREQs have no answer yet. */
  get awaited(): number {
    return this.#sentUs.reduce((count, sentUs) => count + (sentUs === 0 ? 0 : 1), 0);
  }

  start(startUs: number): void {
    this.#startUs = startUs;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Those that are due in a stretch of time count. */
  count(startUs: number, endUs: number): void {
    this.#from = { startUs, endUs };
  }

  answer(position: number, atUs: number): void {
    const sentUs = this.#sentUs[position] ?? 0;
    if (sentUs === 0) return;
    this.#sentUs[position] = 0;
    if (!this.#counts(sentUs)) return;
    this.#count.answered++;
    recordMs(this.#roundTrip, Math.max(0, atUs - sentUs) / 1000);
  }

  counted(): Pick<Held, 'pings' | 'roundTripHdr'> {
    return { pings: { ...this.#count }, roundTripHdr: encodeHistogram(this.#roundTrip) };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const count = this.#fleet.members.length;
    // Each has its own place in the keep-alive time, which it comes to once in each.
    const dueUs = (n: number): number => this.#startUs + (n / count) * this.#periodUs;
    if (count === 0) return;
    for (; dueUs(this.#next) <= nowUs(); this.#next++) this.#ping(this.#next % count, dueUs(this.#next));
    this.#miss(nowUs());
  }

  #ping(position: number, dueUs: number): void {
    const member = this.#fleet.members[position];
    if (member?.isConnected !== true) return;
    if (this.#sentUs[position] !== 0) {
      this.#lose(position);
      return;
    }
    const atUs = nowUs();
    if (this.#counts(atUs)) {
      this.#count.due++;
      if (atUs - dueUs > LATE_US) this.#count.late++;
    }
    this.#sentUs[position] = atUs;
    this.#waiting.push(position);
    member.client?.write(PINGREQ);
  }

  /** Loses those whose time is up. */
  #miss(atUs: number): void {
    let done = 0;
    for (const position of this.#waiting) {
      const sentUs = this.#sentUs[position] ?? 0;
      if (sentUs !== 0 && atUs - sentUs < this.timeoutUs) break;
      done++;
      if (sentUs !== 0) this.#lose(position);
    }
    this.#waiting.splice(0, done);
  }

  #lose(position: number): void {
    this.#sentUs[position] = 0;
    const detail = `No PINGRESP within ${this.timeoutUs / 1000} ms.`;
    this.#fleet.members[position]?.lose({ reason: 'lost:no-pingresp', detail });
  }

  #counts(atUs: number): boolean {
    return atUs >= this.#from.startUs && atUs < this.#from.endUs;
  }
}
