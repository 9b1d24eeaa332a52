import type { Family } from './family.ts';
import { tls13Full } from './flights.ts';

export const mtls13 = {
  name: 'mtls13',
  title: 'mutual TLS 1.3',
  description:
    'TLS 1.3 where the client shows a certificate too. The client believes itself done before the broker has verified it: only CONNACK is proof.',
  security: { protocol: 'TLSv1.3', authentication: 'mutual', group: 'X25519' },
  theory: {
    flights: tls13Full({
      hello: 'ClientHello (key share)',
      broker: [
        'ServerHello (key share)',
        'EncryptedExtensions',
        'CertificateRequest',
        'Certificate',
        'CertificateVerify',
        'Finished',
      ],
      client: ['Certificate', 'CertificateVerify', 'Finished'],
    }),
    sources: ['RFC 8446 §2, §4.3.2'],
  },
} as const satisfies Family;
