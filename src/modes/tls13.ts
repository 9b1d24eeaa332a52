import { tls13Full } from './flights.ts';
import type { Mode } from './mode.ts';
import { GROUP, TLS13, TLS13_SUITE } from './pinned.ts';

export const tls13 = {
  name: 'tls13',
  title: 'TLS 1.3',
  description: 'A full TLS 1.3 handshake; the broker shows a certificate, which the client verifies.',
  theory: {
    flights: tls13Full({
      hello: 'ClientHello (key share)',
      broker: [
        'ServerHello (key share)',
        'EncryptedExtensions',
        'Certificate',
        'CertificateVerify',
        'Finished',
      ],
      client: ['Finished'],
    }),
    sources: ['RFC 8446 §2'],
  },
  expected: {
    protocol: 'TLSv1.3',
    suite: TLS13_SUITE,
    group: GROUP,
    resumed: false,
    psk: false,
    brokerCertificate: true,
    clientCertificate: false,
  },
  client: ({ caPem }) => ({ context: { ...TLS13, ca: caPem } }),
  broker: ({ identity }) => ({ ...TLS13, cert: identity.certPem, key: identity.keyPem }),
} as const satisfies Mode;
