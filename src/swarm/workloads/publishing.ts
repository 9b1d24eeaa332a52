import { BenchError } from '../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { nowUs } from '../../measure/clock.ts';
import type { Message } from '../../payload/tampering.ts';
import type { Client } from '../clients/client.ts';
import { openClient } from '../clients/index.ts';
import { topicOf } from '../names.ts';
import { LATE_US, Pacer } from '../pacer.ts';
import { isAccepted } from '../refusal.ts';
import type { Target } from '../targets.ts';
import { Attackers } from './attackers.ts';
import type { Protecting } from './protecting.ts';
import { SendWindow } from './send-window.ts';
import { Meter } from './meter.ts';
import type { Published, PublishJob } from './pubsub.protocol.ts';
import { Rate } from './rate.ts';
import { writeHead } from './message-head.ts';

interface Publisher {
  client: Client;
  /** How many messages it may have under way; undefined where nothing limits that. */
  window: SendWindow | undefined;
}

/** The publishers of one cell in this process: connected first, then paced open loop. */
export class Publishing {
  readonly #target: Target;
  readonly #connections = new Map<number, Publisher>();
  readonly #pacer = new Pacer();
  readonly #onLost: (reason: string) => void;
  /** Undefined where payloads are sent as they are. */
  readonly #protecting: Protecting | undefined;
  #attackers: Attackers | undefined;
  #cancelledUs: number | undefined;

  constructor(target: Target, onLost: (reason: string) => void, protecting?: Protecting) {
    this.#target = target;
    this.#onLost = onLost;
    this.#protecting = protecting;
  }

  /** Opens every publisher; throws a BenchError when one does not hold CONNACK in time. */
  async connect(job: Omit<PublishJob, 'startUs'>): Promise<void> {
    if (this.#protecting?.apart === true) this.#attackers = new Attackers(this.#target, job);
    await Promise.all(job.publishers.map(({ index }) => this.#open(index, job)));
  }

  /** Publishes by the schedule; resolves when all is sent and, for QoS 1 and 2, acknowledged or overdue. */
  async publish(job: PublishJob): Promise<Published> {
    const { startUs, seconds, ratePerPublisher, payloadBytes, qos } = job;
    const publishers = job.publishers.toSorted((a, b) => a.phase - b.phase);
    const perPublisher = Math.round(seconds * ratePerPublisher);
    const sent = new Rate(startUs, seconds);
    const meter = new Meter();
    let lateSends = 0;
    const outstanding = new Set<number>();
    // Of publishers that were lost: their messages were due all the same, and reached nobody.
    let unsent = 0;
    let failed = 0;

    // All publishers have one rate, so the n-th message of all is the next one in the order of their phases.
    const at = (n: number): number | undefined => {
      const publisher = publishers[n % publishers.length];
      const sequence = Math.floor(n / publishers.length);
      if (publisher === undefined || sequence >= perPublisher) return undefined;
      return startUs + ((sequence + publisher.phase) / ratePerPublisher) * 1e6;
    };
    await this.#pacer.run(at, (n) => {
      const publisher = publishers[n % publishers.length];
      const intendedUs = at(n);
      if (publisher === undefined || intendedUs === undefined) return;
      const connection = this.#connections.get(publisher.index);
      if (connection === undefined) {
        unsent++;
        return;
      }
      const { client, window } = connection;
      outstanding.add(n);
      const send = (): void => {
        const done = (error?: Error): void => {
          outstanding.delete(n);
          if (error) failed++;
          window?.leave();
        };
        const sequence = Math.floor(n / publishers.length);
        const payload = Buffer.alloc(payloadBytes, 'm');
        const sentUs = nowUs();
        writeHead(payload, { intendedUs, sentUs, publisher: publisher.index, sequence });
        sent.count(sentUs);
        if (sentUs - intendedUs > LATE_US) lateSends++;
        const message: Message = this.#protecting?.seal(publisher.index, payload) ?? {
          topic: topicOf(this.#target.cell, publisher.index),
          bytes: payload,
        };
        if (message.tampering !== undefined && this.#attackers !== undefined) {
          // It has a connection of its own, and is waited for there.
          done();
          const attacker = `t${this.#target.cell}-${publisher.index}-${sequence}`;
          this.#attackers.send(attacker, message, () => this.#protecting?.left(message));
          return;
        }
        client.publish(message.topic, message.bytes, qos, done);
        this.#protecting?.left(message);
      };
      if (window === undefined) send();
      else window.enter(send);
    });

    const spent = meter.end();
    if (this.#cancelledUs !== undefined) sent.cut(this.#cancelledUs);
    const giveUpUs = nowUs() + job.timeoutMs * 1000;
    const pending = (): number => outstanding.size + (this.#attackers?.pending ?? 0);
    while (pending() > 0 && nowUs() < giveUpUs && this.#cancelledUs === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
      sentPerSecond: sent.perSecond,
      sentForSeconds: sent.forSeconds,
      unsent,
      lateSends,
      unacknowledged: outstanding.size + failed + unsent,
      spent,
      ...(this.#protecting === undefined ? {} : { protection: this.#protecting.published() }),
    };
  }

  cancel(): void {
    this.#cancelledUs ??= nowUs();
    this.#pacer.stop();
  }

  async close(): Promise<void> {
    this.#attackers?.close();
    await Promise.all([...this.#connections.values()].map(({ client }) => client.end()));
    this.#connections.clear();
  }

  #open(index: number, { client, qos, timeoutMs }: Omit<PublishJob, 'startUs'>): Promise<void> {
    return new Promise((resolve, reject) => {
      let connected = false;
      const fail = (reason: string): void => {
        clearTimeout(limit);
        if (connected) {
          this.#connections.delete(index);
          return this.#onLost(reason);
        }
        connection.destroy();
        return reject(
          new BenchError(
            EXIT.environment,
            `Publisher ${index} could not connect with mode ${this.#target.mode}: ${reason}`,
          ),
        );
      };
      const limit = setTimeout(() => fail(`no CONNACK within ${timeoutMs} ms`), timeoutMs);
      const connection: Client = openClient(
        client,
        this.#target,
        { clientId: `p${this.#target.cell}-${index}` },
        {
          onPacket: (packet) => {
            if (!isAccepted(packet)) return;
            connected = true;
            clearTimeout(limit);
            this.#connections.set(index, { client: connection, window: SendWindow.of(packet, qos) });
            resolve();
          },
          onFailure: ({ reason, detail }) => fail(`${reason} (${detail})`),
        },
      );
    });
  }
}
