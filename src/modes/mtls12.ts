import { tls12Full } from './flights.ts';
import type { Mode } from './mode.ts';
import { TLS12_GROUPS } from './pinned.ts';
import { tls12 } from './tls12.ts';

export const mtls12 = {
  name: 'mtls12',
  title: 'mutual TLS 1.2',
  description: 'TLS 1.2 where the client shows a certificate too, and the broker verifies it.',
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'Certificate', 'ServerKeyExchange', 'CertificateRequest', 'ServerHelloDone'],
      client: ['Certificate', 'ClientKeyExchange', 'CertificateVerify', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 5246 §7.3, §7.4.4', 'RFC 8422 §5'],
  },
  expected: { ...tls12.expected, clientCertificate: true },
  client: (material) => ({
    context: {
      ...tls12.client(material)?.context,
      cert: material.identity.certPem,
      key: material.identity.keyPem,
    },
  }),
  broker: (material) => ({
    ...tls12.broker(material),
    // The broker's list must name the curve of the client's certificate.
    ecdhCurve: TLS12_GROUPS,
    ca: material.caPem,
    requestCert: true,
    rejectUnauthorized: true,
  }),
} as const satisfies Mode;
