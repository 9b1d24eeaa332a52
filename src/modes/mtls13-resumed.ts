import type { Family } from './family.ts';
import { tls13Resumed } from './tls13-resumed.ts';

export const mtls13Resumed = {
  name: 'mtls13-resumed',
  title: 'mutual TLS 1.3 resumed',
  description:
    'A mutual TLS 1.3 session resumed by its ticket, which holds who the client is: neither end shows a certificate again.',
  security: { protocol: 'TLSv1.3', authentication: 'mutual', group: 'X25519', resumption: 'ticket' },
  theory: tls13Resumed.theory,
} as const satisfies Family;
