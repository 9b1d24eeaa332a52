import type { Family } from './family.ts';
import { tls13Full } from './flights.ts';

export const tls13Resumed = {
  name: 'tls13-resumed',
  title: 'TLS 1.3 resumed',
  description:
    'TLS 1.3 with the PSK of an earlier session’s ticket and a new key exchange (psk_dhe_ke): as many trips as a full handshake, without certificates.',
  security: { protocol: 'TLSv1.3', authentication: 'certificate', group: 'X25519', resumption: 'ticket' },
  theory: {
    flights: tls13Full({
      hello: 'ClientHello (key share, PSK of a ticket)',
      broker: ['ServerHello (key share, PSK)', 'EncryptedExtensions', 'Finished'],
      client: ['Finished'],
      // RFC 8446 §4.6.1 leaves it to the broker; Node's gives a resumed session no new one.
      tickets: false,
    }),
    sources: ['RFC 8446 §2.2, §4.6.1'],
  },
} as const satisfies Family;
