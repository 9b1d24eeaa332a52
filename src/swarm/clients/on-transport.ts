import type { Negotiated } from '../../measure/negotiated.ts';
import type { Client, ClientBytes } from './client.ts';
import type { Transport } from './transport.ts';

/** What a client tells of the connection that it is on. */
export abstract class OnTransport implements Pick<
  Client,
  'startedUs' | 'tcpConnectedUs' | 'handshakeDoneUs' | 'local' | 'bytes' | 'negotiated'
> {
  protected abstract readonly transport: Transport;

  get startedUs(): number {
    return this.transport.startedUs;
  }

  get tcpConnectedUs(): number | undefined {
    return this.transport.tcpConnectedUs;
  }

  get handshakeDoneUs(): number | undefined {
    return this.transport.handshakeDoneUs;
  }

  get local(): Client['local'] {
    return this.transport.local;
  }

  get bytes(): ClientBytes | undefined {
    return this.transport.bytes;
  }

  get negotiated(): Negotiated {
    return this.transport.negotiated;
  }
}
