import type { Server, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { nowUs } from '../measure/clock.ts';
import type { Mode } from '../modes/mode.ts';
import type { Guarded } from './access/guard.ts';
import { Arrivals, type Arrival } from './arrivals.ts';
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
  readonly #arrivals = new Arrivals<Incoming>();
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
    return this.#arrivals.server(options, this.noDelay, {
      onAccept: (acceptedUs) => ({ acceptedUs, mode }),
      onReady: (socket, incoming) => {
        // First data is stamped when the first application byte can be read, before any parser runs.
        socket.once('readable', () => (incoming.firstByteUs = nowUs()));
        socket.on('error', () => {});
        // First data that comes with what ends a handshake is decrypted only once this returns: what the broker does to
        // receive a client would count as the way to it.
        setImmediate(onReady, socket);
      },
      onRefused,
    });
  }

  of(socket: Socket): Incoming | undefined {
    return this.#arrivals.of(socket);
  }
}
