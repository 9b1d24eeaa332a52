import type { CipherNameAndProtocol, TLSSocket } from 'node:tls';
import type { Negotiated } from '../measure/negotiated.ts';

/**
 * Reads from a TLS socket what was negotiated. `pskIdentity` is the identity that this end's PSK callback saw, if it
 * was called: `isSessionReused()` is true for an external PSK of TLS 1.3 too, so it does not tell a resumption alone.
 * A socket that is closed already tells nothing of TLS.
 */
export function describeTls(
  socket: TLSSocket,
  pskIdentity: string | undefined,
  noDelay: boolean,
): Negotiated {
  const cipher: CipherNameAndProtocol | null = socket.getCipher();
  if (cipher === null) return { noDelay };
  const suite = cipher.standardName;
  const protocol = socket.getProtocol() ?? undefined;
  const reused = socket.isSessionReused();
  const pskUsed = pskIdentity !== undefined && (protocol === 'TLSv1.3' ? reused : suite.includes('_PSK_'));
  const group = groupOf(socket);
  const peerName = socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined;
  return {
    ...(protocol === undefined ? {} : { protocol }),
    suite,
    ...(group === undefined ? {} : { group }),
    resumed: reused && !pskUsed,
    ...(pskUsed ? { pskIdentity } : {}),
    ...(typeof peerName === 'string' ? { peerName } : {}),
    noDelay,
  };
}

/** Node answers null on the broker's side and an empty object where there was no ephemeral key. */
function groupOf(socket: TLSSocket): string | undefined {
  const info = socket.getEphemeralKeyInfo();
  return info !== null && 'name' in info ? info.name : undefined;
}
