import { messageOf } from '../../errors.ts';
import { nowUs } from '../../measure/clock.ts';
import { Outbox } from '../../process/outbox.ts';
import { Pacer } from '../pacer.ts';
import type { Target } from '../targets.ts';
import { TunnelDesk, type ColdTunnels } from '../tunnels.ts';
import type { Attempt, HandshakeJob } from './handshake.protocol.ts';
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
  /** By the port of their keeper. */
  readonly #desks = new Map<number, TunnelDesk>();
  #preparing = 0;
  #cancelled: { reason: string; detail: string } | undefined;
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
    while (this.#underWay.size + this.#preparing > 0) {
      this.#idle = Promise.withResolvers();
      await this.#idle.promise;
    }
    this.#outbox.flush();
    await Promise.race([
      Promise.all(this.#closing),
      new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
    ]);
    for (const desk of this.#desks.values()) desk.close();
  }

  cancel(reason: string, detail: string): void {
    this.#pacer.stop();
    this.#cancelled = { reason, detail };
    // Who waits for a tunnel is told that there will be none.
    for (const desk of this.#desks.values()) desk.close();
    for (const attempt of this.#underWay) attempt.abort(reason, detail);
  }

  #start(index: number): void {
    const arrival = this.#job.arrivals[index];
    const target = arrival && this.#targets.get(arrival.cell);
    if (arrival === undefined || target === undefined) throw new Error(`No target for arrival ${index}`);
    if (target.tunnels === undefined) this.#connect(arrival.id, target);
    else void this.#tunnel(arrival.id, target, target.tunnels);
  }

  #connect(id: number, target: Target, beganUs?: number, onClosed: () => void = () => {}): void {
    const onDone = (record: Attempt): void => {
      this.#underWay.delete(attempt);
      this.#outbox.add(record);
      const closed = attempt.close().finally(() => {
        this.#closing.delete(closed);
        onClosed();
      });
      this.#closing.add(closed);
      this.#settle();
    };
    const attempt: AttemptRun = new AttemptRun(id, target, this.#job, onDone, beganUs);
    this.#underWay.add(attempt);
  }

  /** The attempt begins when it has a tunnel, and what the tunnel takes is part of it. */
  async #tunnel(id: number, target: Target, tunnels: ColdTunnels): Promise<void> {
    this.#preparing++;
    const desk = this.#desks.get(tunnels.controlPort) ?? new TunnelDesk(tunnels);
    this.#desks.set(tunnels.controlPort, desk);
    let beganUs = nowUs();
    try {
      const host = await desk.take(id);
      beganUs = nowUs();
      if (tunnels.raises) await desk.raise(id, this.#job.timeoutMs);
      if (this.#cancelled !== undefined) throw new Error(this.#cancelled.detail);
      this.#connect(id, { ...target, host }, tunnels.raises ? beganUs : undefined, () => desk.give(id));
    } catch (error) {
      desk.give(id);
      const failure = this.#cancelled ?? { reason: 'tunnel', detail: messageOf(error) };
      const { port: dialledPort, modelledConnectMs } = target;
      const nothing = { stampsUs: {}, negotiated: {} };
      this.#outbox.add({ id, startedUs: beganUs, dialledPort, modelledConnectMs, ...nothing, failure });
    }
    this.#preparing--;
    this.#settle();
  }

  #settle(): void {
    if (this.#underWay.size + this.#preparing === 0) this.#idle.resolve();
  }
}
