import type { Family } from './family.ts';
import { tls13Full } from './flights.ts';

export const tls13Psk = {
  name: 'tls13-psk',
  title: 'TLS 1.3 PSK',
  description:
    'TLS 1.3 with an external pre-shared key and an ephemeral key exchange (psk_dhe_ke): no certificates, with forward secrecy.',
  security: { protocol: 'TLSv1.3', authentication: 'psk', group: 'X25519' },
  theory: {
    flights: tls13Full({
      hello: 'ClientHello (key share, PSK)',
      broker: ['ServerHello (key share, PSK)', 'EncryptedExtensions', 'Finished'],
      client: ['Finished'],
    }),
    sources: ['RFC 8446 §2.2, §4.2.11', 'RFC 9258'],
  },
} as const satisfies Family;
