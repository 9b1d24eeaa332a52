import type { Packet } from 'mqtt-packet';
import type { Negotiated } from '../../measure/negotiated.ts';
import type { Failure } from '../failure.ts';

export interface ClientEvents {
  /** A packet of the broker's was read: the stamps of CONNACK, SUBACK, PUBACK and their kin. */
  onPacket(packet: Packet, atUs: number): void;
  /** Told once, when the connection failed or ended without {@link Client.end}. */
  onFailure(failure: Failure): void;
  /** The broker gave a session that another connection may resume. */
  onSession?(session: Buffer): void;
  /** A line of the TLS key log (NSS format): whoever has it can read the connection. Asked for by traces alone. */
  onKeyLog?(line: Buffer): void;
}

export interface ClientOptions {
  clientId: string;
  /** Bytes that follow CONNECT at once, without waiting for CONNACK. */
  first?: Buffer;
  /** Keep Alive of CONNECT (OASIS MQTT 3.1.1 §3.1.2.10); who asks for it pings by itself. None when absent. */
  keepAliveSeconds?: number;
  /** What it dials from; the kernel chooses when absent. */
  localAddress?: string | undefined;
  /**
   * Whether {@link Client.local} and {@link Client.bytes} are told, which costs a system call and, with TLS, a stream of
   * its own beside the socket's: too much for fleets.
   */
  watched?: boolean;
}

/** Bytes so far: on the wire (TLS and MQTT, without TCP/IP), and of the application alone. */
export interface ClientBytes {
  wireUp: number;
  wireDown: number;
  appUp: number;
  appDown: number;
}

export type Qos = 0 | 1 | 2;

/** An MQTT client that connects when it is made. Instants are microseconds of the monotonic clock. */
export interface Client {
  readonly startedUs: number;
  readonly tcpConnectedUs: number | undefined;
  readonly handshakeDoneUs: number | undefined;
  /** The client's own end of the TCP connection, also when that is closed; undefined where it is not watched. */
  readonly local: { host: string; port: number } | undefined;
  /** Undefined where it is not watched, and has TLS. */
  readonly bytes: ClientBytes | undefined;
  readonly negotiated: Negotiated;
  /** Once CONNACK is there. `done` is told when the message is handed over (QoS 0) or acknowledged, or never will be. */
  publish(topic: string, payload: Buffer, qos: Qos, done?: (error?: Error) => void): void;
  /** SUBACK comes as a packet. */
  subscribe(filter: string, qos: Qos): void;
  /** Writes a packet that the client need not know of. */
  write(bytes: Buffer): void;
  /** Sends DISCONNECT and closes; resolves when the socket is closed, which it is at the latest when the broker says nothing. */
  end(): Promise<void>;
  /**
   * Sends a last packet and the end of the stream as soon as can be; resolves when the socket is closed: both ends have come
   * to their end, however long that takes, or the broker reset it.
   */
  hangUp(last: Buffer): Promise<void>;
  /** Closes at once, without DISCONNECT. */
  destroy(): void;
}
