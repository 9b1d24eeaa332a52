import type { Family } from './family.ts';
import { tls12Full } from './flights.ts';

export const tls12DhePsk = {
  name: 'tls12-dhe-psk',
  title: 'TLS 1.2 DHE-PSK',
  description:
    'TLS 1.2 with a pre-shared key and a finite-field key exchange: forward secrecy at tens of times the CPU of elliptic curves, and what OpenSSL prefers when no suite is named.',
  security: { protocol: 'TLSv1.2', authentication: 'dhe-psk' },
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'ServerKeyExchange', 'ServerHelloDone'],
      client: ['ClientKeyExchange (PSK identity, key share)', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 4279 §3', 'RFC 5487'],
  },
} as const satisfies Family;
