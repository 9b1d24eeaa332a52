import type { Family } from './family.ts';
import { tls12Full } from './flights.ts';

export const tls12Psk = {
  name: 'tls12-psk',
  title: 'TLS 1.2 PSK',
  description:
    'TLS 1.2 with a plain pre-shared key: no certificates and no key exchange, so it saves bytes and CPU, never trips; without forward secrecy.',
  security: { protocol: 'TLSv1.2', authentication: 'psk' },
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'ServerHelloDone'],
      client: ['ClientKeyExchange (PSK identity)', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 4279 §2', 'RFC 5487'],
  },
} as const satisfies Family;
