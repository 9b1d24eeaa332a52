import type { CipherNameAndProtocol, PeerCertificate, TLSSocket } from 'node:tls';
import type { Negotiated } from '../measure/negotiated.ts';

/**
 * Reads from a TLS socket what was negotiated. `pskIdentity` is the identity that this end's PSK callback saw, if it
 * was called: `isSessionReused()` is true for an external PSK of TLS 1.3 too, so it does not tell a resumption alone.
 * A socket that is closed already tells nothing of TLS. `verifiedName`: what a client verified the certificate by, where that
 * need not be its common name (RFC 9525 §2).
 */
export function describeTls(
  socket: TLSSocket,
  pskIdentity: string | undefined,
  noDelay: boolean,
  verifiedName?: string,
): Negotiated {
  // Null, or with Bun undefined, once the socket is closed.
  const cipher: CipherNameAndProtocol | null | undefined = socket.getCipher();
  if (!cipher) return { noDelay };
  const suite = cipher.standardName;
  const protocol = socket.getProtocol() ?? undefined;
  const reused = socket.isSessionReused();
  const pskUsed = pskIdentity !== undefined && (protocol === 'TLSv1.3' ? reused : suite.includes('_PSK_'));
  // An abbreviated handshake of TLS 1.2 exchanges no keys; OpenSSL then tells the group of the first one.
  const group = reused && protocol === 'TLSv1.2' ? undefined : groupOf(socket);
  const peerName = socket.authorized ? nameOf(socket.getPeerCertificate(), verifiedName) : undefined;
  return {
    ...(protocol === undefined ? {} : { protocol }),
    suite,
    ...(group === undefined ? {} : { group }),
    resumed: reused && !pskUsed,
    // Of a client; a broker is told of none, and Deno tells nobody.
    ...((socket as Partial<TLSSocket>).getTLSTicket?.() === undefined ? {} : { ticket: true }),
    ...(pskUsed ? { pskIdentity } : {}),
    ...(typeof peerName === 'string' ? { peerName } : {}),
    noDelay,
  };
}

/** Where no certificate was shown there is an empty object. */
function nameOf(certificate: Partial<PeerCertificate>, verifiedName: string | undefined): unknown {
  if (certificate.raw === undefined || verifiedName === undefined) return certificate.subject?.CN;
  return verifiedName;
}

/** OpenSSL names the curve where a group is a curve. */
const GROUP_NAMES: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** Node answers null on the broker's side and an empty object where there was no ephemeral key. */
function groupOf(socket: TLSSocket): string | undefined {
  const info = socket.getEphemeralKeyInfo();
  if (info === null || !('name' in info)) return undefined;
  const { name } = info;
  return name === undefined ? undefined : (GROUP_NAMES[name] ?? name);
}
