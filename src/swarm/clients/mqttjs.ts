import type { Socket } from 'node:net';
import { MqttClient } from 'mqtt';
import { nowUs } from '../../measure/clock.ts';
import { CLOSED, failureOf, type Failure } from '../failure.ts';
import { refusalOf } from '../refusal.ts';
import type { Target } from '../targets.ts';
import type { Client, ClientEvents, ClientOptions, Qos } from './client.ts';
import { OnTransport } from './on-transport.ts';
import { Transport } from './transport.ts';

/** A client of mqtt.js, which most Node programs use. */
export class MqttJsClient extends OnTransport implements Client {
  readonly #target: Target;
  readonly #events: ClientEvents;
  protected readonly transport: Transport;
  #client: MqttClient | undefined;
  #over = false;

  constructor(target: Target, options: ClientOptions, events: ClientEvents) {
    super();
    this.#target = target;
    this.#events = events;
    this.transport = new Transport(target, options, {
      wantsSessions: events.onSession !== undefined,
      wantsKeyLog: events.onKeyLog !== undefined,
      onStream: (stream) => this.#start(stream, options),
      onFailure: (failure) => this.#fail(failure),
      onSession: (session) => events.onSession?.(session),
      onKeyLog: (line) => events.onKeyLog?.(line),
    });
  }

  publish(topic: string, payload: Buffer, qos: Qos, done?: (error?: Error) => void): void {
    this.#client?.publish(topic, payload, { qos }, (error) => done?.(error ?? undefined));
  }

  subscribe(filter: string, qos: Qos): void {
    this.#client?.subscribe(filter, { qos });
  }

  write(bytes: Buffer): void {
    this.transport.write(bytes);
  }

  async end(): Promise<void> {
    this.#over = true;
    // Its own promise may wait for an acknowledgement that never comes.
    await this.transport.end(() => void this.#client?.endAsync().catch(() => {}));
  }

  async hangUp(last: Buffer): Promise<void> {
    this.#over = true;
    await this.transport.hangUp(last);
  }

  destroy(): void {
    this.#over = true;
    this.#client?.end(true);
    this.transport.destroy();
  }

  #start(stream: Socket, { clientId, first, keepAliveSeconds = 0 }: ClientOptions): void {
    // A fresh object for each client: mqtt.js writes into it.
    const { credentials: { username, password } = {}, clientIdPrefix = '', protocolVersion } = this.#target;
    const client = new MqttClient(() => stream, {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      clientId: `${clientIdPrefix}${clientId}`,
      protocolVersion,
      clean: true,
      keepalive: keepAliveSeconds,
      reconnectPeriod: 0,
      // The attempt's own time limit decides, not the library's.
      connectTimeout: 2 ** 31 - 1,
    });
    this.#client = client;
    // CONNECT is made; pings of the library's own would come beside those that are timed.
    client.options.keepalive = 0;
    // The constructor has written CONNECT, corked until the next turn: both leave together.
    if (first !== undefined) stream.write(first);
    client.on('packetreceive', (packet) => {
      const atUs = nowUs();
      const ended = packet.cmd === 'disconnect' ? refusalOf(packet) : undefined;
      if (ended === undefined) this.#events.onPacket(packet, atUs);
      else this.#fail(ended);
    });
    client.on('error', (error) => this.#fail(failureOf(error)));
    client.on('close', () => this.#fail(CLOSED));
  }

  #fail(failure: Failure): void {
    if (this.#over) return;
    this.destroy();
    this.#events.onFailure(failure);
  }
}
