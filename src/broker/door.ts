import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { nowUs } from '../measure/clock.ts';
import type { Mode } from '../modes/mode.ts';
import type { Guarded } from './access/guard.ts';
import type { BrokerRecord } from './broker.ts';

/** A connection from its accept on; the record is filled as the connection goes on. */
export interface Incoming {
  acceptedUs: number;
  handshakeDoneUs?: number;
  firstByteUs?: number;
  pskIdentity?: string;
  /** Of the listener that it came by. */
  mode: Mode;
  record?: BrokerRecord;
  /** Once its credentials are right, where topics are not everybody's. */
  guarded?: Guarded;
}

/** Opens listeners and stamps what happens to a connection before Aedes sees it. */
export class Door {
  /** By both ends' ports and the client's address, which are one connection's own while it is open. */
  readonly #incoming = new Map<string, Incoming>();
  readonly noDelay: boolean;

  constructor(noDelay: boolean) {
    this.noDelay = noDelay;
  }

  server(
    mode: Mode,
    options: TlsOptions | undefined,
    onReady: (socket: Socket) => void,
    onRefused: (reason: string) => void,
  ): Server {
    const { noDelay } = this;
    if (options === undefined) {
      return createTcpServer({ noDelay }, (socket) => {
        this.#accept(socket, mode);
        this.#ready(socket, onReady);
      });
    }
    const server = createTlsServer({ ...options, noDelay, ...this.#watchPsk(options) }, (socket) => {
      const incoming = this.of(socket);
      if (incoming !== undefined) incoming.handshakeDoneUs = nowUs();
      this.#ready(socket, onReady);
    });
    // Before Node's own listener, which takes its time to set TLS up.
    server.prependListener('connection', (socket: Socket) => this.#accept(socket, mode));
    server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
      // Where a certificate was refused, the error itself tells no more than that the connection ended.
      const refused = socket.authorizationError as Error | string | null | undefined;
      onRefused(refused ? String(refused) : (error.code ?? error.message));
    });
    return server;
  }

  of(socket: Socket): Incoming | undefined {
    return this.#incoming.get(connectionKey(socket));
  }

  #accept(socket: Socket, mode: Mode): void {
    const key = connectionKey(socket);
    this.#incoming.set(key, { acceptedUs: nowUs(), mode });
    socket.once('close', () => this.#incoming.delete(key));
  }

  /** First data is stamped when the first application byte can be read, before any parser runs. */
  #ready(socket: Socket, onReady: (socket: Socket) => void): void {
    const incoming = this.of(socket);
    socket.once('readable', () => {
      if (incoming !== undefined) incoming.firstByteUs = nowUs();
    });
    socket.on('error', () => {});
    onReady(socket);
  }

  #watchPsk(options: TlsOptions): Pick<TlsOptions, 'pskCallback'> {
    const { pskCallback } = options;
    if (pskCallback === undefined) return {};
    return {
      pskCallback: (socket, identity) => {
        const incoming = this.of(socket);
        if (incoming !== undefined) incoming.pskIdentity = identity;
        return pskCallback(socket, identity);
      },
    };
  }
}

function connectionKey(socket: Socket): string {
  // The kernel gives one local port to several connections of a client when they lead to different listeners.
  return `${socket.remoteAddress}:${socket.remotePort}-${socket.localPort}`;
}
