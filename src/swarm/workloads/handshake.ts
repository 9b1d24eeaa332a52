import { Outbox } from '../../process/outbox.ts';
import { Pacer } from '../pacer.ts';
import type { Target } from '../targets.ts';
import type { Attempt, HandshakeJob } from '../worker.protocol.ts';
import { AttemptRun } from './attempt.ts';

/** After the last attempt, sockets get this long to say DISCONNECT and close. */
const CLOSE_MS = 5000;

/** Runs the arrivals of a handshake job in this process, open loop: a start never waits for an earlier attempt. */
export class HandshakeRun {
  readonly #job: HandshakeJob;
  readonly #targets: ReadonlyMap<number, Target>;
  readonly #outbox: Outbox<Attempt>;
  readonly #pacer = new Pacer();
  readonly #underWay = new Set<AttemptRun>();
  readonly #closing = new Set<Promise<void>>();
  #idle = Promise.withResolvers<void>();

  constructor(job: HandshakeJob, targets: ReadonlyMap<number, Target>, emit: (attempts: Attempt[]) => void) {
    this.#job = job;
    this.#targets = targets;
    this.#outbox = new Outbox(emit);
  }

  /** Resolves when every started arrival has become an attempt and been reported. */
  async run(): Promise<void> {
    const { arrivals, startUs } = this.#job;
    await this.#pacer.run(
      (index) => {
        const arrival = arrivals[index];
        return arrival && startUs + arrival.atMs * 1000;
      },
      (index) => this.#start(index),
    );
    while (this.#underWay.size > 0) {
      this.#idle = Promise.withResolvers();
      await this.#idle.promise;
    }
    this.#outbox.flush();
    await Promise.race([
      Promise.all(this.#closing),
      new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
    ]);
  }

  cancel(reason: string, detail: string): void {
    this.#pacer.stop();
    for (const attempt of this.#underWay) attempt.abort(reason, detail);
  }

  #start(index: number): void {
    const arrival = this.#job.arrivals[index];
    const target = arrival && this.#targets.get(arrival.cell);
    if (arrival === undefined || target === undefined) throw new Error(`No target for arrival ${index}`);
    const attempt: AttemptRun = new AttemptRun(arrival.id, target, this.#job, (record) => {
      this.#underWay.delete(attempt);
      this.#outbox.add(record);
      const closed = attempt.close().finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
      if (this.#underWay.size === 0) this.#idle.resolve();
    });
    this.#underWay.add(attempt);
  }
}
