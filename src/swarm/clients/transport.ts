import { connect as tcpConnect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { nowUs } from '../../measure/clock.ts';
import type { Negotiated } from '../../measure/negotiated.ts';
import { describeTls } from '../../modes/observe.ts';
import { failureOf, type Failure } from '../failure.ts';
import type { Target } from '../targets.ts';
import type { ClientBytes, ClientOptions } from './client.ts';
import { canDialByName, startTls, type TcpPlace } from './start-tls.ts';

export interface TransportEvents {
  /** Whether {@link onSession} is to be told; asked when TLS starts. */
  readonly wantsSessions: boolean;
  /** The same of {@link onKeyLog}. */
  readonly wantsKeyLog: boolean;
  /** TCP stands, and what is written from now on leaves when TLS, if any, is done. */
  onStream(stream: Socket): void;
  onFailure(failure: Failure): void;
  onSession(session: Buffer): void;
  onKeyLog(line: Buffer): void;
}

/** Who has not closed its end by then has no way to the client any more, as when a router on it died. */
const ANSWER_WITHIN_MS = 5000;

/** Elsewhere `connect` of a TLS socket may be something else than that TCP stands. */
const IS_NODE = process.versions['bun'] === undefined && process.versions['deno'] === undefined;

/**
 * A connection to a target on a socket of our own, so that every phase can be stamped. Where it is watched, TCP is connected
 * first and TLS started on it: a key share made before the socket connects would hide its cost in the TCP phase, and two
 * streams count what each carries. Else one stream does both, as a program of one's own would have it.
 */
export class Transport {
  readonly startedUs: number;
  tcpConnectedUs: number | undefined;
  handshakeDoneUs: number | undefined;
  /** Noted where it is asked for: a socket tells it no more once it is closed. */
  local: { host: string; port: number } | undefined;
  readonly #raw: Socket;
  readonly #target: Target;
  #stream: Socket | undefined;
  #pskIdentity: string | undefined;

  constructor(
    target: Target,
    { localAddress, watched = false }: Pick<ClientOptions, 'localAddress' | 'watched'>,
    events: TransportEvents,
  ) {
    const { host, port, noDelay, tls } = target;
    this.#target = target;
    this.startedUs = nowUs();
    const place = localAddress === undefined ? { host, port } : { host, port, localAddress };
    const isOne = tls !== undefined && !watched && IS_NODE && canDialByName(target);
    this.#raw = isOne ? this.#secure(place, events) : tcpConnect({ ...place, noDelay });
    if (isOne) this.#raw.setNoDelay(noDelay);
    this.#raw.on('error', (error) => events.onFailure(failureOf(error)));
    if (isOne) {
      // Before the listener that starts TLS, and with it makes the key share.
      this.#raw.prependListener('connect', () => (this.tcpConnectedUs = nowUs()));
      this.#raw.on('connect', () => events.onStream((this.#stream = this.#raw)));
      return;
    }
    this.#raw.on('connect', () => {
      this.tcpConnectedUs = nowUs();
      if (watched) this.local = addressOf(this.#raw);
      this.#stream = tls === undefined ? this.#raw : this.#secure(this.#raw, events);
      if (this.#stream !== this.#raw) this.#stream.on('error', (error) => events.onFailure(failureOf(error)));
      events.onStream(this.#stream);
    });
  }

  /** Of a client that is watched; of others undefined, since one stream does not tell what TLS adds. */
  get bytes(): ClientBytes | undefined {
    const app = this.#stream ?? this.#raw;
    if (app === this.#raw && app instanceof TLSSocket) return undefined;
    return {
      wireUp: this.#raw.bytesWritten,
      wireDown: this.#raw.bytesRead,
      appUp: app.bytesWritten,
      appDown: app.bytesRead,
    };
  }

  get negotiated(): Negotiated {
    const { noDelay, peer } = this.#target;
    return this.#stream instanceof TLSSocket
      ? describeTls(this.#stream, this.#pskIdentity, noDelay, peer?.name)
      : { noDelay };
  }

  write(bytes: Buffer): void {
    this.#stream?.write(bytes);
  }

  /** Has `sayGoodbye` end the stream; resolves when the socket is closed, by force where nobody answers. */
  async end(sayGoodbye: (stream: Socket) => void): Promise<void> {
    const unanswered = setTimeout(() => this.destroy(), ANSWER_WITHIN_MS);
    if (this.#stream === undefined) this.#raw.destroy();
    else sayGoodbye(this.#stream);
    if (!this.#raw.closed) await new Promise((resolve) => this.#raw.once('close', resolve));
    clearTimeout(unanswered);
  }

  /** Sends a last packet and the end of the stream at once; resolves when both ends have come to theirs, however long that takes. */
  async hangUp(last: Buffer): Promise<void> {
    this.#stream?.end(last);
    if (!this.#raw.closed) await new Promise((resolve) => this.#raw.once('close', resolve));
  }

  destroy(): void {
    if (this.#stream !== this.#raw) this.#stream?.destroy();
    this.#raw.destroy();
  }

  #secure(over: Socket | TcpPlace, events: TransportEvents): TLSSocket {
    const stream = startTls(over, this.#target, {
      resume: true,
      onPsk: (identity) => (this.#pskIdentity = identity),
    });
    stream.on('secureConnect', () => {
      this.handshakeDoneUs = nowUs();
    });
    if (events.wantsSessions) stream.on('session', (session) => events.onSession(session));
    if (events.wantsKeyLog) stream.on('keylog', (line) => events.onKeyLog(line));
    return stream;
  }
}

function addressOf({ localAddress, localPort }: Socket): { host: string; port: number } | undefined {
  return localAddress === undefined || localPort === undefined
    ? undefined
    : { host: localAddress, port: localPort };
}
