import { tls12Full } from './flights.ts';
import type { Mode } from './mode.ts';
import { TLS12, TLS12_PSK } from './pinned.ts';

export const tls12Psk = {
  name: 'tls12-psk',
  title: 'TLS 1.2 PSK',
  description:
    'TLS 1.2 with a plain pre-shared key: no certificates and no key exchange, so it saves bytes and CPU, never trips; without forward secrecy.',
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'ServerHelloDone'],
      client: ['ClientKeyExchange (PSK identity)', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 4279 §2', 'RFC 5487'],
  },
  expected: {
    protocol: 'TLSv1.2',
    suite: TLS12_PSK.iana,
    group: undefined,
    resumed: false,
    psk: true,
    brokerCertificate: false,
    clientCertificate: false,
  },
  client: ({ psk }) => ({ context: { ...TLS12, ciphers: TLS12_PSK.openssl }, psk }),
  broker: ({ psk }) => ({
    ...TLS12,
    ciphers: TLS12_PSK.openssl,
    pskCallback: (_socket, identity) => (identity === psk.identity ? psk.key : null),
  }),
} as const satisfies Mode;
