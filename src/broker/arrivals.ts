import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { nowUs } from '../measure/clock.ts';

/** A connection from its accept on; filled as the connection goes on. */
export interface Arrival {
  acceptedUs: number;
  handshakeDoneUs?: number;
  pskIdentity?: string;
}

export interface ArrivalEvents<T extends Arrival> {
  /** What is noted of a connection that has just been accepted. */
  onAccept: (acceptedUs: number) => T;
  /** The connection can be read, TLS being done. */
  onReady: (socket: Socket, arrival: T) => void;
  /** TLS refused it, with its reason. */
  onRefused: (reason: string) => void;
}

/** Listeners that stamp what happens to a connection before anybody reads it. */
export class Arrivals<T extends Arrival> {
  /** By both ends' ports and the client's address, which are one connection's own while it is open. */
  readonly #arrived = new Map<string, T>();

  of(socket: Socket): T | undefined {
    return this.#arrived.get(connectionKey(socket));
  }

  /** A server that does not listen yet; plain TCP without options. Throws where TLS does not take them. */
  server(options: TlsOptions | undefined, noDelay: boolean, events: ArrivalEvents<T>): Server {
    const { onAccept, onReady, onRefused } = events;
    const accept = (socket: Socket): T => {
      const arrival = onAccept(nowUs());
      const key = connectionKey(socket);
      this.#arrived.set(key, arrival);
      socket.once('close', () => this.#arrived.delete(key));
      return arrival;
    };
    if (options === undefined)
      return createTcpServer({ noDelay }, (socket) => onReady(socket, accept(socket)));
    const server = createTlsServer({ ...options, noDelay, ...this.#watchPsk(options) }, (socket) => {
      const handshakeDoneUs = nowUs();
      const arrival = this.of(socket);
      // Its socket has closed meanwhile.
      if (arrival === undefined) {
        socket.destroy();
        return;
      }
      arrival.handshakeDoneUs = handshakeDoneUs;
      onReady(socket, arrival);
    });
    // Before Node's own listener, which takes its time to set TLS up.
    server.prependListener('connection', accept);
    server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
      // Where a certificate was refused, the error itself tells no more than that the connection ended.
      const refused = socket.authorizationError as Error | string | null | undefined;
      onRefused(refused ? String(refused) : (error.code ?? error.message));
    });
    return server;
  }

  #watchPsk({ pskCallback }: TlsOptions): Pick<TlsOptions, 'pskCallback'> {
    if (pskCallback === undefined) return {};
    return {
      pskCallback: (socket, identity) => {
        const arrival = this.of(socket);
        if (arrival !== undefined) arrival.pskIdentity = identity;
        return pskCallback(socket, identity);
      },
    };
  }
}

function connectionKey(socket: Socket): string {
  // The kernel gives one local port to several connections of a client when they lead to different listeners.
  return `${socket.remoteAddress}:${socket.remotePort}-${socket.localPort}`;
}
