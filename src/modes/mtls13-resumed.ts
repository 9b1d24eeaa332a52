import type { Family } from './family.ts';
import { tls13Full } from './flights.ts';

export const mtls13Resumed = {
  name: 'mtls13-resumed',
  title: 'mutual TLS 1.3 resumed',
  description:
    'A mutual TLS 1.3 session resumed by its ticket, which holds who the client is: neither end shows a certificate again.',
  security: { protocol: 'TLSv1.3', authentication: 'mutual', group: 'X25519', resumption: 'ticket' },
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
