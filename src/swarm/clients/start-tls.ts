import { isIP, Socket } from 'node:net';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { BROKER_NAME } from '../../pki/material.ts';
import type { Target } from '../targets.ts';

export interface StartTlsOptions {
  /** Take a session from the target's pool, where it has one. */
  resume: boolean;
  /** Told the identity when the PSK is offered. */
  onPsk?: (identity: string) => void;
}

/** Where a TLS socket dials by itself. */
export interface TcpPlace {
  host: string;
  port: number;
  localAddress?: string;
}

/** Whether TLS can dial by itself: where the broker is verified by an address, the `host` that is dialled would be it. */
export function canDialByName({ peer }: Target): boolean {
  return isIP(peer?.name ?? BROKER_NAME) === 0;
}

/**
 * Starts TLS, on a socket that is connected or on one of its own, as the target's mode wants it. The broker is always
 * verified: by its certificate and its name, or by the PSK itself.
 */
export function startTls(
  over: Socket | TcpPlace,
  { tls, peer }: Target,
  { resume, onPsk }: StartTlsOptions,
): TLSSocket {
  if (tls === undefined) throw new Error('A target without TLS');
  const { psk, context, sessions } = tls;
  const name = peer?.name ?? BROKER_NAME;
  const session = resume ? sessions?.shift() : undefined;
  return tlsConnect({
    ...(over instanceof Socket ? { socket: over } : over),
    secureContext: context,
    // An address is verified as one, and is no server name (RFC 6066 §3).
    ...(isIP(name) === 0 ? { servername: name } : { host: name, servername: '' }),
    // The default can be switched off by an environment variable; what is measured must not be.
    rejectUnauthorized: true,
    ...(session === undefined ? {} : { session }),
    ...(psk === undefined
      ? {}
      : {
          pskCallback: () => {
            onPsk?.(psk.identity);
            return { psk: psk.key, identity: psk.identity };
          },
          // There is no certificate to check a name in: the PSK itself authenticates the broker (RFC 4279 §7).
          // That no certificate was shown instead is asserted on what was negotiated.
          checkServerIdentity: () => undefined,
        }),
  });
}
