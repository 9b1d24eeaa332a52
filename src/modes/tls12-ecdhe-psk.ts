import type { Family } from './family.ts';
import { tls12Full } from './flights.ts';

export const tls12EcdhePsk = {
  name: 'tls12-ecdhe-psk',
  title: 'TLS 1.2 ECDHE-PSK',
  description:
    'TLS 1.2 with a pre-shared key and an ephemeral elliptic-curve key exchange: no certificates, with forward secrecy.',
  security: { protocol: 'TLSv1.2', authentication: 'ecdhe-psk', group: 'X25519' },
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'ServerKeyExchange', 'ServerHelloDone'],
      client: ['ClientKeyExchange (PSK identity, key share)', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 5489', 'RFC 7905'],
  },
} as const satisfies Family;
