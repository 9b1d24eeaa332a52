import { isIP, type Socket } from 'node:net';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { BROKER_NAME } from '../../pki/material.ts';
import type { Target } from '../targets.ts';

export interface StartTlsOptions {
  /** Take a session from the target's pool, where it has one. */
  resume: boolean;
  /** Told the identity when the PSK is offered. */
  onPsk?: (identity: string) => void;
}

/**
 * Starts TLS on a socket that is connected, as the target's mode wants it. The broker is always verified: by its
 * certificate and its name, or by the PSK itself.
 */
export function startTls(raw: Socket, { tls, peer }: Target, { resume, onPsk }: StartTlsOptions): TLSSocket {
  if (tls === undefined) throw new Error('A target without TLS');
  const { psk, context, sessions } = tls;
  const name = peer?.name ?? BROKER_NAME;
  const session = resume ? sessions?.shift() : undefined;
  return tlsConnect({
    socket: raw,
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
