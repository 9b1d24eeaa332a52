import { tls13Full } from './flights.ts';
import type { Mode } from './mode.ts';
import { tls13 } from './tls13.ts';

export const mtls13 = {
  name: 'mtls13',
  title: 'mutual TLS 1.3',
  description:
    'TLS 1.3 where the client shows a certificate too. The client believes itself done before the broker has verified it: only CONNACK is proof.',
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
  expected: { ...tls13.expected, clientCertificate: true },
  client: (material) => ({
    context: {
      ...tls13.client(material)?.context,
      cert: material.identity.certPem,
      key: material.identity.keyPem,
    },
  }),
  broker: (material) => ({
    ...tls13.broker(material),
    ca: material.caPem,
    requestCert: true,
    rejectUnauthorized: true,
  }),
} as const satisfies Mode;
