import type { Family } from './family.ts';
import { tls13Retried } from './flights.ts';

export const tls13Hrr = {
  name: 'tls13-hrr',
  title: 'TLS 1.3 with HelloRetryRequest',
  description:
    'TLS 1.3 where the broker does not have the group of the client’s key share and asks for another one: as slow as TLS 1.2.',
  security: { protocol: 'TLSv1.3', authentication: 'certificate', group: 'X25519', refusedGroup: 'P-256' },
  theory: {
    flights: tls13Retried({
      hello: 'ClientHello (other key share)',
      again: 'ClientHello (key share)',
      broker: [
        'ServerHello (key share)',
        'EncryptedExtensions',
        'Certificate',
        'CertificateVerify',
        'Finished',
      ],
      client: ['Finished'],
    }),
    sources: ['RFC 8446 §2.1, §4.1.4'],
  },
} as const satisfies Family;
