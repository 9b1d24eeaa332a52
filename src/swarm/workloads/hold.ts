import { setTimeout as sleep } from 'node:timers/promises';
import { nowUs } from '../../measure/clock.ts';
import { settledRssBytes } from '../../process/memory.ts';
import type { Failure } from '../failure.ts';
import type { Target } from '../targets.ts';
import { outcomeOf, reasonsOf } from './fleet-outcome.ts';
import { Fleet } from './fleet.ts';
import type { Held, HoldJob, Opened } from './hold.protocol.ts';
import { Meter } from './meter.ts';
import { Pings } from './pings.ts';

/** After the last CONNACK, or its end, tickets and what else a broker sends by itself come in. */
const SETTLE_MS = 500;
const LOOK_MS = 20;
/** What paces the starts takes some time until it can, and to collect the garbage some more. */
const PACER_MS = 100;
const LEAD_MS = 600;

/**
 * The clients of one cell in this process that connect and stay. Memory is the process's resident memory when all are
 * there less that before the first one came ({@link settledRssBytes}): what a client takes with all that Node and OpenSSL
 * add to it, and without buffers of sockets, which are the kernel's.
 */
export class HoldRun {
  readonly #job: HoldJob;
  readonly #fleet: Fleet;
  readonly #pings: Pings;
  readonly #cancelled = new AbortController();
  /** Who was connected when all had been answered. */
  #wasThere: boolean[] = [];

  constructor(target: Target, job: HoldJob) {
    this.#job = job;
    this.#fleet = new Fleet(target, job, {
      letter: 'h',
      onPong: (position, atUs) => this.#pings.answer(position, atUs),
    });
    this.#pings = new Pings(this.#fleet, job);
  }

  /** Rests until the job's start, and then connects everyone by the schedule. */
  async open(): Promise<Opened> {
    const { startUs, connectionsPerSecond, attemptTimeoutMs } = this.#job;
    const resting = new Meter();
    await this.#until(startUs - LEAD_MS * 1000);
    const idle = resting.end();
    // As late as can be: what warming up has left to be done is done.
    const before = await settledRssBytes();
    await this.#until(startUs - PACER_MS * 1000);
    this.#pings.start(startUs);
    const meter = new Meter();
    if (!this.#cancelled.signal.aborted)
      await this.#fleet.connect(startUs, connectionsPerSecond, attemptTimeoutMs);
    const connecting = meter.end();
    await this.#until(nowUs() + SETTLE_MS * 1000);
    const after = await settledRssBytes();
    const outcome = outcomeOf(this.#fleet);
    this.#wasThere = this.#fleet.members.map(({ isConnected }) => isConnected);
    return { ...outcome, idle, connecting, rssBytes: { before, after } };
  }

  /** Holds them from an instant on. */
  async hold(startUs: number, seconds: number): Promise<Held> {
    const { members } = this.#fleet;
    const endUs = startUs + seconds * 1e6;
    this.#pings.count(startUs, endUs);
    await this.#until(startUs);
    const meter = new Meter();
    await this.#until(endUs);
    const spent = meter.end();
    const giveUpUs = nowUs() + this.#pings.timeoutUs;
    while (this.#pings.awaited > 0 && nowUs() < giveUpUs && !this.#cancelled.signal.aborted)
      await sleep(LOOK_MS);
    // Where a broker's death has ended it: that it closed each connection takes a moment to come in.
    if (this.#cancelled.signal.aborted) await sleep(SETTLE_MS);
    return {
      held: members.filter(({ isConnected }) => isConnected).length,
      reasons: reasonsOf(members, (_, position) => this.#wasThere[position] === true),
      ...this.#pings.counted(),
      spent,
    };
  }

  cancel(failure: Failure): void {
    this.#cancelled.abort();
    this.#fleet.cancel(failure);
  }

  async close(): Promise<void> {
    this.#pings.stop();
    await this.#fleet.close();
  }

  async #until(atUs: number): Promise<void> {
    const { signal } = this.#cancelled;
    await sleep(Math.max(0, atUs - nowUs()) / 1000, undefined, { signal }).catch(() => {});
  }
}
