import type { Family } from './family.ts';
import { tls12Full } from './flights.ts';

export const tls12 = {
  name: 'tls12',
  title: 'TLS 1.2',
  description: 'A full TLS 1.2 handshake; the broker shows a certificate, which the client verifies.',
  security: { protocol: 'TLSv1.2', authentication: 'certificate', group: 'X25519' },
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'Certificate', 'ServerKeyExchange', 'ServerHelloDone'],
      client: ['ClientKeyExchange', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 5246 §7.3', 'RFC 8422 §5'],
  },
} as const satisfies Family;
