import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
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
  /** The connection can be read, TLS being done; `lookUp` answers what was noted of it, unless it has closed meanwhile. */
  onReady: (socket: Socket, lookUp: () => T | undefined) => void;
  /** TLS refused it, with its reason. */
  onRefused: (reason: string) => void;
}

/**
 * A listener that stamps what happens to a connection before anybody reads it, and does not listen yet; plain TCP without
 * options. Throws where TLS does not take them. Whatever it does before a stamp is in what is measured: hence so little.
 */
export function stampingServer<T extends Arrival>(
  options: TlsOptions | undefined,
  noDelay: boolean,
  { onAccept, onReady, onRefused }: ArrivalEvents<T>,
): Server {
  if (options === undefined)
    return createTcpServer({ noDelay }, (socket) => {
      const arrival = onAccept(nowUs());
      onReady(socket, () => arrival);
    });
  /** By the other end's address and port, by which TLS's socket is known to be this one. */
  const arrived = new Map<string, T>();
  const identities = new WeakMap<Socket, string>();
  const server = createTlsServer(
    { ...options, noDelay, ...noting(options, identities) },
    (socket: TLSSocket) => {
      const handshakeDoneUs = nowUs();
      onReady(socket, () => {
        const arrival = arrived.get(peerOf(socket));
        if (arrival === undefined) return undefined;
        const pskIdentity = identities.get(socket);
        return Object.assign(arrival, {
          handshakeDoneUs,
          ...(pskIdentity === undefined ? {} : { pskIdentity }),
        });
      });
    },
  );
  // Before Node's own listener, which takes its time to set TLS up.
  server.prependListener('connection', (socket: Socket) => {
    const arrival = onAccept(nowUs());
    const peer = peerOf(socket);
    arrived.set(peer, arrival);
    socket.once('close', () => arrived.delete(peer));
  });
  server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
    // Where a certificate was refused, the error itself tells no more than that the connection ended.
    const refused = socket.authorizationError as Error | string | null | undefined;
    onRefused(refused ? String(refused) : (error.code ?? error.message));
  });
  return server;
}

function noting(
  { pskCallback }: TlsOptions,
  identities: WeakMap<Socket, string>,
): Pick<TlsOptions, 'pskCallback'> {
  if (pskCallback === undefined) return {};
  return {
    pskCallback: (socket, identity) => {
      identities.set(socket, identity);
      return pskCallback(socket, identity);
    },
  };
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}
