import { tls12Full } from './flights.ts';
import type { Mode } from './mode.ts';
import { GROUP, TLS12, TLS12_ECDSA, TLS12_GROUPS } from './pinned.ts';

export const tls12 = {
  name: 'tls12',
  title: 'TLS 1.2',
  description: 'A full TLS 1.2 handshake; the broker shows a certificate, which the client verifies.',
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'Certificate', 'ServerKeyExchange', 'ServerHelloDone'],
      client: ['ClientKeyExchange', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 5246 §7.3', 'RFC 8422 §5'],
  },
  expected: {
    protocol: 'TLSv1.2',
    suite: TLS12_ECDSA.iana,
    group: GROUP,
    resumed: false,
    psk: false,
    brokerCertificate: true,
    clientCertificate: false,
  },
  client: ({ caPem }) => ({
    context: { ...TLS12, ciphers: TLS12_ECDSA.openssl, ecdhCurve: TLS12_GROUPS, ca: caPem },
  }),
  broker: ({ identity }) => ({
    ...TLS12,
    ciphers: TLS12_ECDSA.openssl,
    ecdhCurve: GROUP,
    cert: identity.certPem,
    key: identity.keyPem,
  }),
} as const satisfies Mode;
