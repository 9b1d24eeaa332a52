import type { Family } from './family.ts';
import { tls12Resumed } from './flights.ts';

export const tls12ResumedTicket = {
  name: 'tls12-resumed-ticket',
  title: 'TLS 1.2 resumed by ticket',
  description:
    'An abbreviated TLS 1.2 handshake: the client gives back a ticket that holds the session, so the broker remembers nothing.',
  security: { protocol: 'TLSv1.2', authentication: 'certificate', group: 'X25519', resumption: 'ticket' },
  theory: {
    flights: tls12Resumed(),
    sources: ['RFC 5077 §3.1', 'RFC 5246 §7.3'],
  },
} as const satisfies Family;
