import { setTimeout as sleep } from 'node:timers/promises';
import { Generator } from '../../link/lane/generator.ts';
import { nowUs } from '../../measure/clock.ts';
import { Pacer } from '../pacer.ts';
import type { Target } from '../targets.ts';
import type { FailoverJob, Returned } from './failover.protocol.ts';
import { ReturningClient } from './returning-client.ts';

/** The clients of one cell in this process that are there before a path fails, and after. */
export class FailoverRun {
  readonly #job: FailoverJob;
  readonly #clients: ReturningClient[];
  readonly #pacer = new Pacer();
  readonly #cancelled = new AbortController();

  constructor(target: Target, job: FailoverJob) {
    const chance = new Generator(job.seed);
    this.#job = job;
    this.#clients = job.clients.map(
      (client) => new ReturningClient(target, job, client, () => chance.uniform()),
    );
  }

  /** Connects them by the schedule; resolves when each holds its CONNACK, or never will. */
  async connect(): Promise<void> {
    const { clients, startUs } = this.#job;
    const connected: Promise<void>[] = [];
    await this.#pacer.run(
      (index) => {
        const client = clients[index];
        return client && startUs + client.atMs * 1000;
      },
      (index) => connected.push(this.#clients[index]?.connect() ?? Promise.resolve()),
    );
    await Promise.all(connected);
  }

  /** What became of every client, when all are back or the time is up. */
  async outcome(untilUs: number): Promise<Returned[]> {
    const { signal } = this.#cancelled;
    await Promise.race([
      Promise.all(this.#clients.map(({ settled }) => settled)),
      sleep(Math.max(0, untilUs - nowUs()) / 1000, undefined, { signal, ref: false }).catch(() => {}),
    ]);
    return this.#clients.map((client) => client.conclude());
  }

  cancel(): void {
    this.#pacer.stop();
    this.#cancelled.abort();
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}
