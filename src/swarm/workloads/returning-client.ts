import type { Packet } from 'mqtt';
import { generate } from 'mqtt-packet';
import { nowUs } from '../../measure/clock.ts';
import type { Client } from '../clients/client.ts';
import { openClient } from '../clients/index.ts';
import type { Failure } from '../failure.ts';
import { topicOf } from '../names.ts';
import { isAccepted, refusalOf } from '../refusal.ts';
import { jittered } from '../retry.ts';
import type { Target } from '../targets.ts';
import { USUAL_CLIENT } from './settings/common.ts';
import type { FailoverJob, Returned } from './failover.protocol.ts';

const PINGREQ = generate({ cmd: 'pingreq' });

/**
 * A client that stays connected, notices by itself when its connection is dead, and comes back: at first at once, then
 * every `retryMs`, until the broker has acknowledged a message of QoS 1. Where its mode resumes, it resumes the session
 * of its own connection.
 */
export class ReturningClient {
  readonly #target: Target;
  readonly #job: FailoverJob;
  readonly #index: number;
  /** In [0, 1): where in the time between two pings its first one lies. */
  readonly #phase: number;
  readonly #random: () => number;
  readonly #settled = Promise.withResolvers<void>();
  readonly #returned: Returned;
  #connection: Client | undefined;
  #session: Buffer | undefined;
  #ping: NodeJS.Timeout | undefined;
  #wait: NodeJS.Timeout | undefined;
  #lastFailure: Failure | undefined;
  #isSettled = false;

  constructor(
    target: Target,
    job: FailoverJob,
    { index, phase }: FailoverJob['clients'][number],
    random: () => number,
  ) {
    this.#target = target;
    this.#job = job;
    this.#index = index;
    this.#phase = phase;
    this.#random = random;
    this.#returned = { index, attempts: 0 };
  }

  /** Resolves when it is back, or lost for good. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** Connects for the first time; resolves when it stands, or when it is lost already. */
  connect(): Promise<void> {
    return new Promise((resolve) => {
      this.#dial(
        () => {
          this.#keepAlive(this.#phase * this.#job.keepAliveSeconds * 1000);
          resolve();
        },
        ({ reason, detail }) => {
          this.#lose({ reason: `never-connected:${reason}`, detail });
          resolve();
        },
        (failure) => this.#notice(failure),
      );
    });
  }

  /** What became of it; who is not back yet is lost. */
  conclude(): Returned {
    const why = this.#lastFailure;
    if (!this.#isSettled)
      this.#lose(
        this.#returned.noticedUs === undefined
          ? { reason: 'never-noticed', detail: 'Nothing told the client that its connection was dead.' }
          : (why ?? { reason: 'timeout', detail: 'The time was up before the client was back.' }),
      );
    return this.#returned;
  }

  async close(): Promise<void> {
    this.#rest();
    await this.#connection?.end();
  }

  /** Opens a connection: it stands, or fails before it does; once it stood it can be lost. */
  #dial(
    onStanding: () => void,
    onFailure: (failure: Failure) => void,
    onLost: (failure: Failure) => void,
  ): void {
    const { tls, cell } = this.#target;
    const { keepAliveSeconds, attemptTimeoutMs } = this.#job;
    // The pool holds what is this client's own: nothing before its first connection.
    const own = this.#session === undefined ? [] : [this.#session];
    const sessions = tls?.sessions === undefined ? undefined : own;
    let standing = false;
    const fail = (failure: Failure): void => {
      clearTimeout(limit);
      connection.destroy();
      if (standing) onLost(failure);
      else onFailure(failure);
    };
    const connection: Client = openClient(
      USUAL_CLIENT,
      { ...this.#target, tls: tls && { ...tls, sessions } },
      { clientId: `f${cell}-${this.#index}`, keepAliveSeconds },
      {
        onPacket: (packet, atUs) => {
          if (isAccepted(packet)) {
            standing = true;
            clearTimeout(limit);
            onStanding();
          } else this.#onPacket(packet, atUs, fail);
        },
        onFailure: fail,
        onSession: (session) => (this.#session = session),
      },
    );
    const limit = setTimeout(
      () => fail({ reason: 'timeout', detail: `No CONNACK within ${attemptTimeoutMs} ms.` }),
      attemptTimeoutMs,
    );
    this.#connection = connection;
  }

  #onPacket(packet: Packet, atUs: number, fail: (failure: Failure) => void): void {
    const refusal = refusalOf(packet);
    if (refusal !== undefined) fail(refusal);
    else if (packet.cmd === 'pingresp') clearTimeout(this.#wait);
    else if (packet.cmd === 'puback' && !this.#isSettled) {
      this.#returned.pubackUs = atUs;
      this.#settle();
    }
  }

  /** Asks after so many milliseconds, and from then on once in each keep-alive time (OASIS MQTT 3.1.1 §3.1.2.10, §3.12). */
  #keepAlive(inMs: number): void {
    const { keepAliveSeconds, pingTimeoutMs } = this.#job;
    this.#ping = setTimeout(() => {
      this.#connection?.write(PINGREQ);
      this.#wait = setTimeout(
        () => this.#notice({ reason: 'no-pingresp', detail: `No PINGRESP within ${pingTimeoutMs} ms.` }),
        pingTimeoutMs,
      );
      this.#keepAlive(keepAliveSeconds * 1000);
    }, inMs);
  }

  #notice({ reason }: Failure): void {
    this.#rest();
    this.#connection?.destroy();
    if (this.#isSettled) return;
    this.#returned.noticedUs = nowUs();
    this.#returned.noticedBy = reason;
    this.#tryAgain();
  }

  #tryAgain(): void {
    if (this.#isSettled) return;
    const { retryMs, retryJitter, payloadBytes } = this.#job;
    this.#returned.attempts++;
    const later = (failure: Failure): void => {
      if (this.#isSettled) return;
      this.#rest();
      this.#lastFailure = failure;
      this.#wait = setTimeout(() => this.#tryAgain(), jittered(retryMs, retryJitter, this.#random));
    };
    this.#dial(
      () => {
        const connection = this.#connection;
        if (connection === undefined || this.#isSettled) return;
        this.#returned.connackUs = nowUs();
        this.#returned.tcpConnectedUs = connection.tcpConnectedUs;
        this.#returned.negotiated = connection.negotiated;
        const topic = topicOf(this.#target.cell, this.#index);
        connection.publish(topic, Buffer.alloc(payloadBytes, 'm'), 1);
        this.#keepAlive(this.#job.keepAliveSeconds * 1000);
      },
      later,
      later,
    );
  }

  #lose(lost: Failure): void {
    this.#returned.lost = lost;
    this.#settle();
  }

  #settle(): void {
    this.#isSettled = true;
    this.#settled.resolve();
  }

  #rest(): void {
    clearTimeout(this.#ping);
    clearTimeout(this.#wait);
  }
}
