import type { Family } from './family.ts';
import { tls13Full } from './flights.ts';

export const tls13 = {
  name: 'tls13',
  title: 'TLS 1.3',
  description: 'A full TLS 1.3 handshake; the broker shows a certificate, which the client verifies.',
  security: { protocol: 'TLSv1.3', authentication: 'certificate', group: 'X25519' },
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
} as const satisfies Family;
