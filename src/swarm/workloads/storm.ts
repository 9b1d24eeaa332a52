import { setTimeout as sleep } from 'node:timers/promises';
import { Generator } from '../../link/lane/generator.ts';
import { nowUs } from '../../measure/clock.ts';
import type { Failure } from '../failure.ts';
import { jittered } from '../retry.ts';
import type { Target } from '../targets.ts';
import { ResumingMember } from './fleet-member.ts';
import { outcomeOf } from './fleet-outcome.ts';
import { Fleet } from './fleet.ts';
import { Meter } from './meter.ts';
import type { StormJob, Stormed } from './storm.protocol.ts';

/** A client is the same one before and after. */
const LETTER = 'r';
/** So long before the storm begins what it uses is measured. */
const METER_MS = 5;
/** When something died, what else it takes along may take so long to be seen. */
const AFTERMATH_MS = 100;

/** The clients of one cell in this process that all come at one time. */
export class StormRun {
  readonly #target: Target;
  readonly #job: StormJob;
  #before: Fleet | undefined;
  #storm: Fleet | undefined;
  #cancelled: Failure | undefined;

  constructor(target: Target, job: StormJob) {
    this.#target = target;
    this.#job = job;
  }

  /** Connects everyone who is to come back; answers how many are there. */
  async open(): Promise<number> {
    const { beforePerSecond, attemptTimeoutMs } = this.#job;
    if (beforePerSecond === undefined) return 0;
    // Each resumes what its own connection gave it.
    const fleet = new Fleet(this.#target, this.#job, { letter: LETTER }, () => undefined);
    this.#before = fleet;
    await fleet.connect(nowUs(), beforePerSecond, attemptTimeoutMs);
    return fleet.members.filter(({ isConnected }) => isConnected).length;
  }

  /** Has everyone come from an instant on; answers what became of them when the last one is there, or never will be. */
  async run(startUs: number): Promise<Stormed> {
    const { retry, connectionsPerSecond, timeoutMs, mayBeFull } = this.#job;
    const before = this.#before;
    // Who has not noticed by then that its broker is gone is told.
    before?.abandon();
    const chance = new Generator(retry?.seed ?? 0);
    let meter: Meter | undefined;
    const fleet = new Fleet(
      this.#target,
      this.#job,
      {
        letter: LETTER,
        retryMs: retry && (() => jittered(retry.ms, retry.jitter, () => chance.uniform())),
        onConnected: () => meter?.mark(),
      },
      before && ((position) => sessionOf(before, position)),
    );
    this.#storm = fleet;
    const metering = setTimeout(
      () => (meter = new Meter()),
      Math.max(0, (startUs - nowUs()) / 1000 - METER_MS),
    );
    if (this.#cancelled === undefined) await fleet.connect(startUs, connectionsPerSecond, timeoutMs);
    else fleet.cancel(this.#cancelled);
    clearTimeout(metering);
    const spent = (meter ?? new Meter()).end();
    if (this.#cancelled !== undefined) await sleep(AFTERMATH_MS);
    return { ...outcomeOf(fleet, { mayBeFull }), spent };
  }

  /** Starts nobody any more; who is on its way has failed. */
  cancel(failure: Failure): void {
    this.#cancelled = failure;
    this.#before?.cancel(failure);
    this.#storm?.cancel(failure);
  }

  async close(): Promise<void> {
    await Promise.all([this.#before?.close(), this.#storm?.close()]);
  }
}

function sessionOf(fleet: Fleet, position: number): Buffer | undefined {
  const member = fleet.members[position];
  return member instanceof ResumingMember ? member.session : undefined;
}
