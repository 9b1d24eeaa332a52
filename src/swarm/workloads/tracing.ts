import { generate, type Packet } from 'mqtt-packet';
import type { Client } from '../clients/client.ts';
import { openClient } from '../clients/index.ts';
import { isRefusal, type Failure } from '../failure.ts';
import { clientIdOf, topicOf } from '../names.ts';
import { isAccepted, refusalOf } from '../refusal.ts';
import type { Target } from '../targets.ts';
import { USUAL_CLIENT } from './settings/common.ts';
import type { TraceJob, Traced } from './tracing.protocol.ts';

/** The only connection of its kind in a lab. */
const NUMBER = 0;
const SUBSCRIBE_ID = 1;
const PUBLISH_ID = 2;
const PINGREQ = generate({ cmd: 'pingreq' });

/** What must have come before the client pings, by the QoS; DISCONNECT follows PINGRESP. */
const AWAITED = {
  0: ['suback', 'publish'],
  1: ['suback', 'publish', 'puback'],
  2: ['suback', 'publish', 'pubcomp', 'pubrel'],
} as const;

/**
 * One client that goes once through all that a client does, each step after the answer to the one before: CONNECT,
 * SUBSCRIBE, PUBLISH to its own subscription, the delivery with its acknowledgements, PINGREQ, DISCONNECT. One of a mode
 * that pipelines sends SUBSCRIBE and PUBLISH with CONNECT.
 */
export class TracedConnection {
  /** Settles when the socket is closed. */
  readonly done: Promise<Traced>;
  readonly #done = Promise.withResolvers<Traced>();
  readonly #target: Target;
  readonly #job: TraceJob;
  readonly #connection: Client;
  readonly #timeLimit: NodeJS.Timeout;
  readonly #keyLog: Buffer[] = [];
  readonly #received = new Set<string>();
  #ends = false;

  constructor(target: Target, job: TraceJob) {
    this.#target = target;
    this.#job = job;
    this.done = this.#done.promise;
    this.#connection = openClient(
      USUAL_CLIENT,
      target,
      {
        clientId: clientIdOf(NUMBER),
        watched: true,
        ...(target.pipelined ? { first: Buffer.concat([this.#subscribe(), this.#publish()]) } : {}),
      },
      {
        onPacket: (packet) => this.#onPacket(packet),
        onFailure: (failure) => this.#fail(failure),
        onKeyLog: (line) => this.#keyLog.push(line),
      },
    );
    const detail = `Not done within ${job.timeoutMs} ms.`;
    this.#timeLimit = setTimeout(() => this.cancel({ reason: 'timeout', detail }), job.timeoutMs);
  }

  /** Ends it as failed. */
  cancel(failure: Failure): void {
    if (this.#ends) return;
    this.#connection.destroy();
    this.#finish({ status: 'failed', ...failure });
  }

  #onPacket(packet: Packet): void {
    if (this.#ends) return;
    const refusal = refusalOf(packet);
    if (refusal !== undefined) return this.#fail(refusal);
    const { qos } = this.#job;
    if (isAccepted(packet)) {
      if (!this.#target.pipelined) this.#connection.subscribe(this.#topic, qos);
    } else if (packet.cmd === 'suback') {
      if (!this.#target.pipelined) this.#connection.publish(this.#topic, this.#payload, qos);
    } else if (packet.cmd === 'pubrec' && this.#target.pipelined) {
      // A client answers to what it sent itself alone.
      this.#connection.write(this.#encode({ cmd: 'pubrel', messageId: packet.messageId ?? PUBLISH_ID }));
    }
    if (packet.cmd === 'pingresp') return void this.#end();
    return this.#note(packet.cmd);
  }

  /** Pings when all has come that it waits for, and the client has answered. */
  #note(cmd: string): void {
    const awaited = AWAITED[this.#job.qos];
    const before = this.#received.size;
    if (awaited.some((name) => name === cmd)) this.#received.add(cmd);
    if (before < awaited.length && this.#received.size === awaited.length)
      setImmediate(() => this.#connection.write(PINGREQ));
  }

  async #end(): Promise<void> {
    this.#ends = true;
    await this.#connection.end();
    this.#finish({ status: 'ok' });
  }

  /** To be refused is what some modes and brokers are for. */
  #fail(failure: Failure): void {
    if (this.#ends) return;
    const { refusedAt } = this.#target;
    const meant = refusedAt !== undefined && isRefusal(failure, refusedAt);
    this.#connection.destroy();
    this.#finish({ status: meant ? 'refused' : 'failed', ...failure });
  }

  #finish(outcome: Traced['outcome']): void {
    this.#ends = true;
    clearTimeout(this.#timeLimit);
    const { local } = this.#connection;
    this.#done.resolve({
      ...(local === undefined ? {} : { local }),
      keyLog: Buffer.concat(this.#keyLog).toString('ascii'),
      outcome,
    });
  }

  get #topic(): string {
    return topicOf(this.#target.cell, NUMBER);
  }

  get #payload(): Buffer {
    return Buffer.alloc(this.#job.payloadBytes, 'm');
  }

  #subscribe(): Buffer {
    const { qos } = this.#job;
    return this.#encode({
      cmd: 'subscribe',
      messageId: SUBSCRIBE_ID,
      subscriptions: [{ topic: this.#topic, qos }],
    });
  }

  #publish(): Buffer {
    const { qos } = this.#job;
    return this.#encode({
      cmd: 'publish',
      topic: this.#topic,
      payload: this.#payload,
      qos,
      dup: false,
      retain: false,
      ...(qos === 0 ? {} : { messageId: PUBLISH_ID }),
    });
  }

  #encode(packet: Packet): Buffer {
    return generate(packet, { protocolVersion: this.#target.protocolVersion });
  }
}
