import type { Family } from './family.ts';
import { tls12Full } from './flights.ts';

export const mtls12 = {
  name: 'mtls12',
  title: 'mutual TLS 1.2',
  description: 'TLS 1.2 where the client shows a certificate too, and the broker verifies it.',
  security: { protocol: 'TLSv1.2', authentication: 'mutual', group: 'X25519' },
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'Certificate', 'ServerKeyExchange', 'CertificateRequest', 'ServerHelloDone'],
      client: ['Certificate', 'ClientKeyExchange', 'CertificateVerify', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 5246 §7.3, §7.4.4', 'RFC 8422 §5'],
  },
} as const satisfies Family;
