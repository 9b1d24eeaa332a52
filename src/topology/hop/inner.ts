import { connect as tcpConnect, type Socket } from 'node:net';
import { connect as tlsConnect, TLSSocket, type SecureContext } from 'node:tls';
import { nowUs } from '../../measure/clock.ts';
import type { Negotiated } from '../../measure/negotiated.ts';
import { describeTls } from '../../modes/observe.ts';
import type { HopRecord } from '../hop-record.ts';

/** Where a hop dials, and how it secures what it dials. */
export interface InnerTarget {
  host: string;
  port: number;
  /** Undefined where the broker is spoken to without TLS. */
  tls:
    | { context: SecureContext; psk: { identity: string; key: Buffer } | undefined; servername: string }
    | undefined;
}

/**
 * One connection of a hop to its broker, which is always verified: by its certificate and its name, or by the PSK
 * itself. Nothing may be written before {@link InnerConnection.ready}: who is at the other end is not known before.
 */
export class InnerConnection {
  readonly dialledUs: number;
  /** Rejects with the error of the socket or of TLS; then there is no connection. */
  readonly ready: Promise<Socket>;
  readyUs: number | undefined;
  readonly #target: InnerTarget;
  readonly #raw: Socket;
  #stream: Socket | undefined;
  #pskIdentity: string | undefined;

  constructor(target: InnerTarget) {
    this.#target = target;
    this.dialledUs = nowUs();
    const { host, port, tls } = target;
    this.#raw = tcpConnect({ host, port, noDelay: true });
    this.ready = new Promise((resolve, reject) => {
      this.#raw.once('close', () => reject(new Error('The broker closed the connection')));
      this.#raw.on('error', reject);
      this.#raw.once('connect', () => {
        if (tls === undefined) return resolve(this.#isReady(this.#raw));
        const stream = this.#secure(tls);
        stream.on('error', reject);
        stream.once('secureConnect', () => resolve(this.#isReady(stream)));
      });
    });
    // Who waits for it hears of it; a spare connection has nobody waiting.
    this.ready.catch(() => this.destroy());
  }

  get usable(): boolean {
    return this.readyUs !== undefined && !this.#raw.destroyed && this.#raw.writable;
  }

  onClose(listener: () => void): void {
    this.#raw.once('close', listener);
  }

  destroy(): void {
    this.#stream?.destroy();
    this.#raw.destroy();
  }

  get local(): HopRecord['inner']['local'] {
    const { localAddress: host, localPort } = this.#raw;
    if (host === undefined || localPort === undefined) return undefined;
    return { host, port: localPort, dialledPort: this.#target.port };
  }

  get negotiated(): Negotiated {
    const stream = this.#stream;
    return stream instanceof TLSSocket ? describeTls(stream, this.#pskIdentity, true) : { noDelay: true };
  }

  #isReady(stream: Socket): Socket {
    this.readyUs = nowUs();
    this.#stream = stream;
    return stream;
  }

  #secure({ context, psk, servername }: NonNullable<InnerTarget['tls']>): TLSSocket {
    const stream = tlsConnect({
      socket: this.#raw,
      secureContext: context,
      servername,
      // The default can be switched off by an environment variable; what is measured must not be.
      rejectUnauthorized: true,
      ...(psk === undefined
        ? {}
        : {
            pskCallback: () => {
              this.#pskIdentity = psk.identity;
              return { psk: psk.key, identity: psk.identity };
            },
            // There is no certificate to check a name in: the PSK itself authenticates the broker (RFC 4279 §7).
            checkServerIdentity: () => undefined,
          }),
    });
    this.#stream = stream;
    return stream;
  }
}
