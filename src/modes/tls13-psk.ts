import { tls13Full } from './flights.ts';
import type { Mode } from './mode.ts';
import { GROUP, TLS13, TLS13_SUITE } from './pinned.ts';

export const tls13Psk = {
  name: 'tls13-psk',
  title: 'TLS 1.3 PSK',
  description:
    'TLS 1.3 with an external pre-shared key and an ephemeral key exchange (psk_dhe_ke): no certificates, with forward secrecy.',
  theory: {
    flights: tls13Full({
      hello: 'ClientHello (key share, PSK)',
      broker: ['ServerHello (key share, PSK)', 'EncryptedExtensions', 'Finished'],
      client: ['Finished'],
    }),
    sources: ['RFC 8446 §2.2, §4.2.11', 'RFC 9258'],
  },
  expected: {
    protocol: 'TLSv1.3',
    suite: TLS13_SUITE,
    group: GROUP,
    resumed: false,
    psk: true,
    brokerCertificate: false,
    clientCertificate: false,
  },
  client: ({ psk }) => ({ context: { ...TLS13 }, psk }),
  broker: ({ psk }) => ({
    ...TLS13,
    pskCallback: (_socket, identity) => (identity === psk.identity ? psk.key : null),
  }),
} as const satisfies Mode;
