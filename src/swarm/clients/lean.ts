import type { Socket } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { nowUs } from '../../measure/clock.ts';
import { connackFailure, failureOf, CLOSED, type Failure } from '../failure.ts';
import { isAccepted, refusalOf } from '../refusal.ts';
import type { Target } from '../targets.ts';
import type { Client, ClientEvents, ClientOptions, Qos } from './client.ts';
import { OnTransport } from './on-transport.ts';
import { PacketReader, type PacketEvents } from './packet-reader.ts';
import { Transport, type TransportEvents } from './transport.ts';

/** Message identifiers are 1 to 65535 (OASIS MQTT 3.1.1 §2.3.1). */
const LAST_MESSAGE_ID = 0xff_ff;

/**
 * A client of mqtt-packet alone, without timers, store, reconnecting and streams of its own: what one connection costs
 * when hardly anything is added to socket and TLS.
 */
export class LeanClient extends OnTransport implements Client, TransportEvents, PacketEvents {
  readonly #target: Target;
  readonly #options: ClientOptions;
  readonly #events: ClientEvents;
  protected readonly transport: Transport;
  /** Made when there is something to acknowledge. */
  #unacknowledged: Map<number, ((error?: Error) => void) | undefined> | undefined;
  #stream: Socket | undefined;
  #lastId = 0;
  #corked = false;
  #over = false;

  constructor(target: Target, options: ClientOptions, events: ClientEvents) {
    super();
    this.#target = target;
    this.#options = options;
    this.#events = events;
    // It listens to its parts itself: with tens of thousands of clients, closures would be much of what they take.
    this.transport = new Transport(target, options, this);
  }

  publish(topic: string, payload: Buffer, qos: Qos, done?: (error?: Error) => void): void {
    if (this.#over) {
      done?.(new Error('The connection is closed'));
      return;
    }
    if (qos > 0 && this.#unacknowledged?.size === LAST_MESSAGE_ID) {
      done?.(new Error('All message identifiers are in use: the broker acknowledges too slowly'));
      return;
    }
    const messageId = qos === 0 ? undefined : this.#nextId();
    if (messageId !== undefined) {
      this.#unacknowledged ??= new Map();
      this.#unacknowledged.set(messageId, done);
    }
    const packet = this.#encode({
      cmd: 'publish',
      topic,
      payload,
      qos,
      dup: false,
      retain: false,
      ...(messageId === undefined ? {} : { messageId }),
    });
    // At QoS 0 it is handed over when the kernel has it.
    this.write(packet, messageId === undefined ? done : undefined);
  }

  subscribe(filter: string, qos: Qos): void {
    this.#send({ cmd: 'subscribe', messageId: this.#nextId(), subscriptions: [{ topic: filter, qos }] });
  }

  write(bytes: Buffer, done?: (error?: Error) => void): void {
    const stream = this.#stream;
    if (stream === undefined) {
      done?.(new Error('There is no connection yet'));
      return;
    }
    // What one turn of the loop has to say leaves in one segment, and in one record.
    if (!this.#corked) {
      this.#corked = true;
      stream.cork();
      process.nextTick(() => {
        this.#corked = false;
        stream.uncork();
      });
    }
    if (done === undefined) stream.write(bytes);
    else stream.write(bytes, (error) => done(error ?? undefined));
  }

  async end(): Promise<void> {
    this.#conclude();
    await this.transport.end((stream) => stream.end(DISCONNECT));
  }

  async hangUp(last: Buffer): Promise<void> {
    this.#conclude();
    await this.transport.hangUp(last);
  }

  destroy(): void {
    this.#conclude();
    this.transport.destroy();
  }

  get wantsSessions(): boolean {
    return this.#events.onSession !== undefined;
  }

  onSession(session: Buffer): void {
    this.#events.onSession?.(session);
  }

  get wantsKeyLog(): boolean {
    return this.#events.onKeyLog !== undefined;
  }

  onKeyLog(line: Buffer): void {
    this.#events.onKeyLog?.(line);
  }

  onMalformed(error: Error): void {
    this.onFailure(failureOf(error));
  }

  onStream(stream: Socket): void {
    this.#stream = stream;
    const { clientId, first, keepAliveSeconds = 0 } = this.#options;
    const { credentials: { username, password } = {}, clientIdPrefix = '', protocolVersion } = this.#target;
    const reader = new PacketReader(protocolVersion, this);
    stream.on('data', (chunk: Buffer) => reader.read(chunk));
    stream.on('close', () => this.onFailure(CLOSED));
    const connect = this.#encode({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion,
      clean: true,
      clientId: `${clientIdPrefix}${clientId}`,
      keepalive: keepAliveSeconds,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: Buffer.from(password) }),
    });
    // In one segment, and in one record.
    stream.write(first === undefined ? connect : Buffer.concat([connect, first]));
  }

  onPacket(packet: Packet): void {
    const atUs = nowUs();
    if (this.#over) return;
    const refusal = packet.cmd === 'disconnect' ? refusalOf(packet) : undefined;
    if (refusal !== undefined) {
      this.onFailure(refusal);
      return;
    }
    this.#events.onPacket(packet, atUs);
    if (packet.cmd === 'connack' && !isAccepted(packet)) this.onFailure(connackFailure(packet));
    else this.#answer(packet);
  }

  /** The flows of QoS 1 and 2, in both directions (OASIS MQTT 3.1.1 §4.3). */
  #answer(packet: Packet): void {
    const { messageId } = packet;
    if (messageId === undefined || this.#over) return;
    if (packet.cmd === 'publish') {
      if (packet.qos > 0) this.#send({ cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId });
    } else if (packet.cmd === 'pubrel') this.#send({ cmd: 'pubcomp', messageId });
    else if (
      packet.cmd === 'pubrec' &&
      this.#unacknowledged?.has(messageId) === true &&
      refusalOf(packet) === undefined
    )
      this.#send({ cmd: 'pubrel', messageId });
    else if (packet.cmd === 'puback' || packet.cmd === 'pubcomp' || packet.cmd === 'pubrec') {
      const done = this.#unacknowledged?.get(messageId);
      this.#unacknowledged?.delete(messageId);
      const refusal = refusalOf(packet);
      done?.(refusal && new Error(refusal.detail));
    }
  }

  #send(packet: Packet): void {
    this.write(this.#encode(packet));
  }

  #encode(packet: Packet): Buffer {
    return generate(packet, { protocolVersion: this.#target.protocolVersion });
  }

  #nextId(): number {
    do this.#lastId = this.#lastId === LAST_MESSAGE_ID ? 1 : this.#lastId + 1;
    while (this.#unacknowledged?.has(this.#lastId) === true);
    return this.#lastId;
  }

  /** Whoever waits for an acknowledgement is told that none will come. */
  #conclude(): void {
    this.#over = true;
    const waiting = this.#unacknowledged;
    this.#unacknowledged = undefined;
    for (const done of waiting?.values() ?? []) done?.(new Error('The connection was closed'));
  }

  onFailure(failure: Failure): void {
    if (this.#over) return;
    this.destroy();
    this.#events.onFailure(failure);
  }
}

const DISCONNECT = generate({ cmd: 'disconnect' });
