import type { Family } from './family.ts';
import { tls12Resumed } from './flights.ts';

export const mtls12ResumedTicket = {
  name: 'mtls12-resumed-ticket',
  title: 'mutual TLS 1.2 resumed by ticket',
  description:
    'A mutual TLS 1.2 session resumed by its ticket, which holds who the client is: neither end shows a certificate again.',
  security: { protocol: 'TLSv1.2', authentication: 'mutual', group: 'X25519', resumption: 'ticket' },
  theory: {
    flights: tls12Resumed(),
    sources: ['RFC 5077 §3.1', 'RFC 5246 §7.3'],
  },
} as const satisfies Family;
