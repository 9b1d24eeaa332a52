import type { Family } from './family.ts';
import { tls12Resumed } from './flights.ts';

export const tls12ResumedId = {
  name: 'tls12-resumed-id',
  title: 'TLS 1.2 resumed by session ID',
  description:
    'An abbreviated TLS 1.2 handshake: both ends remember an earlier session, the broker in a cache of its own.',
  security: { protocol: 'TLSv1.2', authentication: 'certificate', group: 'X25519', resumption: 'session-id' },
  theory: {
    flights: tls12Resumed(),
    sources: ['RFC 5246 §7.3, figure 2'],
  },
} as const satisfies Family;
