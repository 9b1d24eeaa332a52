import { connect as tcpConnect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { MqttClient, type Packet } from 'mqtt';
import { nowUs } from '../../measure/clock.ts';
import type { Negotiated } from '../../measure/negotiated.ts';
import { describeTls } from '../../modes/observe.ts';
import { failureOf, type Failure } from '../failure.ts';
import { refusalOf } from '../refusal.ts';
import type { Target } from '../targets.ts';
import { startTls } from './start-tls.ts';

export interface ConnectionEvents {
  /** A packet of the broker's was read: the stamps of CONNACK, SUBACK, PUBACK and their kin. */
  onPacket(packet: Packet, atUs: number): void;
  /** Told once, when the connection failed or ended without {@link Connection.end}. */
  onFailure(failure: Failure): void;
  /** The broker gave a session that another connection may resume. */
  onSession?(session: Buffer): void;
  /** A line of the TLS key log (NSS format): whoever has it can read the connection. Asked for by traces alone. */
  onKeyLog?(line: Buffer): void;
}

export interface ConnectionOptions {
  clientId: string;
  /** Bytes that follow CONNECT at once, without waiting for CONNACK. */
  first?: Buffer;
  /** Keep Alive of CONNECT (OASIS MQTT 3.1.1 §3.1.2.10); who asks for it pings by itself. None when absent. */
  keepAliveSeconds?: number;
}

/** Who has not closed its end by then has no way to the client any more, as when a router on it died. */
const ANSWER_WITHIN_MS = 5000;

/**
 * One mqtt.js client on a socket of our own, so that every phase can be stamped. TCP is connected first and TLS
 * started on it: a key share made before the socket connects would hide its cost in the TCP phase.
 */
export class Connection {
  readonly startedUs: number;
  tcpConnectedUs: number | undefined;
  handshakeDoneUs: number | undefined;
  client: MqttClient | undefined;
  /** The client's own end of the TCP connection, which a socket tells no more once it is closed. */
  local: { host: string; port: number } | undefined;
  readonly #raw: Socket;
  readonly #target: Target;
  readonly #events: ConnectionEvents;
  #stream: Socket | undefined;
  #pskIdentity: string | undefined;
  #over = false;

  constructor(target: Target, options: ConnectionOptions, events: ConnectionEvents) {
    this.#target = target;
    this.#events = events;
    this.startedUs = nowUs();
    this.#raw = tcpConnect({ host: target.host, port: target.port, noDelay: target.noDelay });
    this.#raw.on('error', (error) => this.#fail(failureOf(error)));
    this.#raw.once('connect', () => {
      this.tcpConnectedUs = nowUs();
      const { localAddress, localPort } = this.#raw;
      if (localAddress !== undefined && localPort !== undefined)
        this.local = { host: localAddress, port: localPort };
      this.#stream = this.#secure();
      this.#start(this.#stream, options);
    });
  }

  /** Bytes so far: on the wire (TLS and MQTT, without TCP/IP), and of the application alone. */
  get bytes(): { wireUp: number; wireDown: number; appUp: number; appDown: number } {
    const app = this.#stream ?? this.#raw;
    return {
      wireUp: this.#raw.bytesWritten,
      wireDown: this.#raw.bytesRead,
      appUp: app.bytesWritten,
      appDown: app.bytesRead,
    };
  }

  get negotiated(): Negotiated {
    const stream = this.#stream;
    const { noDelay, peer } = this.#target;
    return stream instanceof TLSSocket
      ? describeTls(stream, this.#pskIdentity, noDelay, peer?.name)
      : { noDelay };
  }

  /** Writes a packet past mqtt.js, which knows nothing of it. */
  write(bytes: Buffer): void {
    this.#stream?.write(bytes);
  }

  /** Sends DISCONNECT and closes; resolves when the socket is closed, which it is at the latest when the broker says nothing. */
  async end(): Promise<void> {
    this.#over = true;
    const unanswered = setTimeout(() => this.destroy(), ANSWER_WITHIN_MS);
    if (this.client === undefined) this.#raw.destroy();
    // Its own promise may wait for an acknowledgement that never comes.
    else this.client.endAsync().catch(() => {});
    if (!this.#raw.closed) await new Promise((resolve) => this.#raw.once('close', resolve));
    clearTimeout(unanswered);
  }

  /** Closes at once, without DISCONNECT. */
  destroy(): void {
    this.#over = true;
    this.client?.end(true);
    this.#stream?.destroy();
    this.#raw.destroy();
  }

  #secure(): Socket {
    if (this.#target.tls === undefined) return this.#raw;
    const stream = startTls(this.#raw, this.#target, {
      resume: true,
      onPsk: (identity) => (this.#pskIdentity = identity),
    });
    stream.once('secureConnect', () => {
      this.handshakeDoneUs = nowUs();
    });
    if (this.#events.onSession !== undefined)
      stream.on('session', (session: Buffer) => this.#events.onSession?.(session));
    if (this.#events.onKeyLog !== undefined)
      stream.on('keylog', (line: Buffer) => this.#events.onKeyLog?.(line));
    return stream;
  }

  #start(stream: Socket, { clientId, first, keepAliveSeconds = 0 }: ConnectionOptions): void {
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
    this.client = client;
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
    client.on('close', () =>
      this.#fail({
        reason: 'closed-by-broker',
        detail: 'The connection was closed before the attempt was done.',
      }),
    );
  }

  #fail(failure: Failure): void {
    if (this.#over) return;
    this.destroy();
    this.#events.onFailure(failure);
  }
}
