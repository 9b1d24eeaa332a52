import type { Packet } from 'mqtt-packet';
import { nowUs } from '../../measure/clock.ts';
import type { Client, ClientEvents } from '../clients/client.ts';
import { openClient } from '../clients/index.ts';
import type { Failure } from '../failure.ts';
import { isAccepted, refusalOf } from '../refusal.ts';
import type { Target } from '../targets.ts';
import type { FleetJob } from './fleet.protocol.ts';

/** What a fleet does beyond connecting once. */
export interface FleetManners {
  /** The first letter of its clients' identifiers; not `m`, which is the attempts'. */
  letter: string;
  /** Milliseconds until a client whose attempt failed makes another one; absent: it has failed. */
  retryMs?: (() => number) | undefined;
  /** A member holds CONNACK. */
  onConnected?: () => void;
  /** PINGRESP was read. */
  onPong?: (position: number, atUs: number) => void;
}

/** What a member knows of its fleet. */
export interface FleetContext {
  readonly target: Target;
  readonly job: FleetJob;
  readonly manners: FleetManners;
  /** Whether nobody makes another attempt any more. */
  readonly concluded: boolean;
  /** The number of a member in the whole fleet. */
  indexOf(position: number): number;
  /** Told by a member: it is connected, or has failed for good. */
  settled(): void;
  /** Told by a member: it was connected, and tries again. */
  unsettled(): void;
}

/**
 * One client of a fleet. It is its client's own listener, since tens of thousands of closures would be part of the memory
 * that is measured. Instants are microseconds of the monotonic clock.
 */
export class FleetMember implements ClientEvents {
  /** When it was to start, and when it did. */
  intendedUs: number | undefined;
  startedUs: number | undefined;
  /** Of its present connection; undefined while it has none. */
  connackUs: number | undefined;
  attempts = 0;
  /** Why it is not connected, once that is settled. */
  failure: Failure | undefined;
  client: Client | undefined;
  protected readonly fleet: FleetContext;
  protected readonly position: number;
  #timer: NodeJS.Timeout | undefined;
  #state: 'idle' | 'dialling' | 'connected' | 'waiting' | 'over' = 'idle';

  constructor(fleet: FleetContext, position: number) {
    this.fleet = fleet;
    this.position = position;
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  start(intendedUs: number): void {
    if (this.#state !== 'idle') return;
    this.intendedUs = intendedUs;
    this.startedUs = nowUs();
    this.#dial();
  }

  onPacket(packet: Packet, atUs: number): void {
    if (packet.cmd === 'pingresp') this.fleet.manners.onPong?.(this.position, atUs);
    else if (isAccepted(packet)) {
      if (this.#state !== 'dialling') return;
      this.#rest();
      this.#state = 'connected';
      this.connackUs = atUs;
      this.fleet.manners.onConnected?.();
      this.fleet.settled();
    } else if (packet.cmd !== 'connack') {
      // The client makes an error of a CONNACK that refuses.
      const refusal = refusalOf(packet);
      if (refusal !== undefined) this.onFailure(refusal);
    }
  }

  onFailure(failure: Failure): void {
    if (this.#state === 'connected') this.lose({ ...failure, reason: `lost:${failure.reason}` });
    else if (this.#state === 'dialling') this.#fail(failure);
  }

  /** Its connection is taken for lost, with the reason. */
  lose(failure: Failure): void {
    if (this.#state !== 'connected') return;
    this.client?.destroy();
    if (this.fleet.manners.retryMs === undefined || this.fleet.concluded) {
      this.#state = 'over';
      this.failure = failure;
      return;
    }
    this.connackUs = undefined;
    this.fleet.unsettled();
    this.#fail(failure);
  }

  /** What is not connected yet has failed: with the reason of its last attempt, where there was one. */
  giveUp(failure: Failure): void {
    if (this.#state === 'connected' || this.#state === 'over') return;
    this.#rest();
    this.client?.destroy();
    this.#state = 'over';
    this.failure ??= failure;
  }

  async close(): Promise<void> {
    this.#rest();
    const wasConnected = this.#state === 'connected';
    this.#state = 'over';
    if (wasConnected) await this.client?.end();
    else this.client?.destroy();
  }

  abandon(): void {
    this.#rest();
    this.#state = 'over';
    this.client?.destroy();
  }

  /** Where the next attempt goes. */
  protected targetNow(): Target {
    return this.fleet.target;
  }

  #dial(): void {
    const { job, manners } = this.fleet;
    const index = this.fleet.indexOf(this.position);
    this.attempts++;
    this.#state = 'dialling';
    this.client = openClient(
      job.client,
      this.targetNow(),
      {
        clientId: `${manners.letter}${job.cell}-${index}`,
        keepAliveSeconds: job.keepAliveSeconds,
        localAddress: job.sources[index % job.sources.length],
      },
      this,
    );
    this.#timer = setTimeout(ring, job.attemptTimeoutMs, this);
  }

  #fail(failure: Failure): void {
    this.#rest();
    this.client?.destroy();
    this.failure = failure;
    const waitMs = this.fleet.concluded ? undefined : this.fleet.manners.retryMs?.();
    if (waitMs === undefined) {
      this.#state = 'over';
      this.fleet.settled();
      return;
    }
    this.#state = 'waiting';
    this.#timer = setTimeout(ring, waitMs, this);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Its wait is over: an attempt has taken too long, or the next one is due. */
  ring(): void {
    if (this.#state === 'waiting') {
      this.failure = undefined;
      this.#dial();
    } else if (this.#state === 'dialling') {
      const { attemptTimeoutMs } = this.fleet.job;
      this.#fail({ reason: 'timeout', detail: `No CONNACK within ${attemptTimeoutMs} ms.` });
    }
  }
}

/** One that resumes the session it was given, in each attempt until one succeeds, and keeps the last that it gets. */
export class ResumingMember extends FleetMember {
  session: Buffer | undefined;

  constructor(fleet: FleetContext, position: number, session: Buffer | undefined) {
    super(fleet, position);
    this.session = session;
  }

  onSession(session: Buffer): void {
    this.session = session;
  }

  protected override targetNow(): Target {
    const { target } = this.fleet;
    const { tls } = target;
    const sessions = this.session === undefined ? [] : [this.session];
    return { ...target, tls: tls && { ...tls, sessions } };
  }
}

function ring(member: FleetMember): void {
  member.ring();
}
