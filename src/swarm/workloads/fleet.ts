import { nowUs } from '../../measure/clock.ts';
import type { Failure } from '../failure.ts';
import { Pacer } from '../pacer.ts';
import type { Target } from '../targets.ts';
import type { FleetJob } from './fleet.protocol.ts';
import { FleetMember, ResumingMember, type FleetContext, type FleetManners } from './fleet-member.ts';

/** The clients of one cell in this process that act together. A member's position is its place among those of the process. */
export class Fleet implements FleetContext {
  readonly members: readonly FleetMember[];
  readonly target: Target;
  readonly job: FleetJob;
  readonly manners: FleetManners;
  readonly #pacer = new Pacer();
  readonly #settled = Promise.withResolvers<void>();
  #unsettled: number;
  #concluded = false;

  /** `sessionOf` gives each member the session that it is to resume, where its mode resumes. */
  constructor(
    target: Target,
    job: FleetJob,
    manners: FleetManners,
    sessionOf: (position: number) => Buffer | undefined = () => target.tls?.sessions?.shift(),
  ) {
    this.target = target;
    this.job = job;
    this.manners = manners;
    const own = Math.max(0, Math.ceil((job.clients - job.first) / job.processes));
    this.members = Array.from({ length: own }, (_, position) =>
      target.tls?.sessions === undefined
        ? new FleetMember(this, position)
        : new ResumingMember(this, position, sessionOf(position)),
    );
    this.#unsettled = own;
  }

  get concluded(): boolean {
    return this.#concluded;
  }

  indexOf(position: number): number {
    return this.job.first + position * this.job.processes;
  }

  /**
   * Starts the members from an instant on, at a rate of the whole fleet or all at once; resolves when each is connected
   * or has failed. Who is not connected `timeoutMs` after the last one's intended start has failed.
   */
  async connect(startUs: number, perSecond: number | undefined, timeoutMs: number): Promise<void> {
    const at = (position: number): number =>
      startUs + (perSecond === undefined ? 0 : (this.indexOf(position) * 1e6) / perSecond);
    await this.#pacer.run(
      (position) => (position < this.members.length ? at(position) : undefined),
      (position) => this.members[position]?.start(at(position)),
    );
    if (this.#unsettled > 0) {
      const lastUs = at(this.members.length - 1);
      const giveUp = (): void => this.#giveUp({ reason: 'timeout', detail: 'The time was up.' });
      const limit = setTimeout(giveUp, Math.max(0, (lastUs - nowUs()) / 1000 + timeoutMs));
      await this.#settled.promise;
      clearTimeout(limit);
    }
    this.#concluded = true;
  }

  settled(): void {
    if (--this.#unsettled === 0) this.#settled.resolve();
  }

  unsettled(): void {
    this.#unsettled++;
  }

  /** Starts nobody and retries nothing any more; who is on its way has failed. */
  cancel(failure: Failure): void {
    this.#pacer.stop();
    this.#giveUp(failure);
  }

  /** Closes all connections, with DISCONNECT. */
  async close(): Promise<void> {
    this.#concluded = true;
    await Promise.all(this.members.map((member) => member.close()));
  }

  /** Closes all at once, as who has noticed that nobody is there any more. */
  abandon(): void {
    this.#concluded = true;
    for (const member of this.members) member.abandon();
  }

  #giveUp(failure: Failure): void {
    this.#concluded = true;
    for (const member of this.members) member.giveUp(failure);
    this.#settled.resolve();
  }
}
