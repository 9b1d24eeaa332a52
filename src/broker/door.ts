import type { Server, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { nowUs } from '../measure/clock.ts';
import type { Mode } from '../modes/mode.ts';
import type { Guarded } from './access/guard.ts';
import { stampingServer, type Arrival } from './arrivals.ts';
import type { BrokerRecord } from './broker.ts';

/** A connection from its accept on; the record is filled as the connection goes on. */
export interface Incoming extends Arrival {
  firstByteUs?: number;
  /** Of the listener that it came by. */
  mode: Mode;
  record?: BrokerRecord;
  /** Once its credentials are right, where topics are not everybody's. */
  guarded?: Guarded;
}

/** Opens listeners and stamps what happens to a connection before Aedes sees it. */
export class Door {
  /** While they are open. */
  readonly #incoming = new Map<Socket, Incoming>();
  readonly noDelay: boolean;

  constructor(noDelay: boolean) {
    this.noDelay = noDelay;
  }

  /** A server that does not listen yet. Throws where TLS does not take the options. */
  server(
    mode: Mode,
    options: TlsOptions | undefined,
    onReady: (socket: Socket) => void,
    onRefused: (reason: string) => void,
  ): Server {
    return stampingServer<Incoming>(options, this.noDelay, {
      onAccept: (acceptedUs) => ({ acceptedUs, mode }),
      onReady: (socket, lookUp) => {
        let incoming: Incoming | undefined;
        let firstByteUs: number | undefined;
        // First data is stamped when the first application byte can be read, before any parser runs.
        socket.once('readable', () => {
          firstByteUs = nowUs();
          if (incoming !== undefined) incoming.firstByteUs = firstByteUs;
        });
        socket.on('error', () => {});
        // First data that comes with what ends a handshake is decrypted only once this returns: whatever else is done here
        // would count as the way to it.
        setImmediate(() => {
          incoming = lookUp();
          if (incoming === undefined || socket.destroyed) {
            socket.destroy();
            return;
          }
          if (firstByteUs !== undefined) incoming.firstByteUs = firstByteUs;
          this.#incoming.set(socket, incoming);
          socket.once('close', () => this.#incoming.delete(socket));
          onReady(socket);
        });
      },
      onRefused,
    });
  }

  of(socket: Socket): Incoming | undefined {
    return this.#incoming.get(socket);
  }
}
