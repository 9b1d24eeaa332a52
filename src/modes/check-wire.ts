import type { TlsWire } from '../measure/tls-wire.ts';
import type { Mismatch } from './check.ts';
import type { Expected } from './mode.ts';

type Fact = string | boolean | undefined;

/**
 * Compares what a mode expects with what the handshake's plaintext told, for a broker that does not tell itself what was
 * negotiated at its end. `tls` is undefined where the client did not speak TLS, and its group is named as modes name it. Nothing
 * is asked of what cannot be seen: of TLS 1.3 neither certificates nor whether a PSK was external or a session's
 * (RFC 8446 §2.2), of any version neither names nor identities.
 */
export function wireMismatches(expected: Expected, tls: TlsWire | undefined): Mismatch[] {
  if (tls === undefined)
    return expected.protocol === undefined ? [] : [differs('protocol', undefined, expected.protocol)];
  const { version, session } = tls;
  const isOld = version !== undefined && version !== 'TLSv1.3';
  const accepted = session?.accepted;
  // A session that is resumed stands for the certificates that were shown when it began.
  const certificates = (own: number | undefined, all: object | undefined): boolean | undefined =>
    isOld && accepted === 'none' && all !== undefined ? (own ?? 0) > 0 : undefined;
  // Up to TLS 1.2 a PSK is a matter of the suite, and a session one of its own.
  const keyed = isOld ? expected.resumed : expected.resumed || expected.psk;
  const facts: [string, Fact, Fact][] = [
    ['protocol', version, expected.protocol],
    ['suite', tls.suite, expected.suite],
    ['group', tls.group, expected.group],
    ['helloRetryRequest', tls.helloRetryRequest, expected.helloRetryRequest],
    [
      expected.psk && !isOld ? 'psk' : 'resumed',
      accepted === undefined ? undefined : accepted !== 'none',
      keyed,
    ],
    [
      'brokerCertificate',
      certificates(tls.brokerCertificates, tls.handshake.down),
      expected.brokerCertificate,
    ],
    ['clientCertificate', certificates(tls.clientCertificates, tls.handshake.up), expected.clientCertificate],
  ];
  return facts.flatMap(([name, got, want]) =>
    got === undefined || got === want ? [] : [differs(name, got, want)],
  );
}

function differs(name: string, got: Fact, want: Fact): Mismatch {
  return {
    reason: `mismatch:broker.${name}`,
    detail: `the wire shows ${name} = ${got ?? 'none'}, the mode asks for ${want ?? 'none'}`,
  };
}
