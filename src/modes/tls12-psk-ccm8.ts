import type { Family } from './family.ts';
import { tls12Full } from './flights.ts';

export const tls12PskCcm8 = {
  name: 'tls12-psk-ccm8',
  title: 'TLS 1.2 PSK, CCM_8',
  description:
    'TLS 1.2 with a plain pre-shared key and the suite that constrained devices must have (CoAP, LwM2M): a tag of 8 bytes saves 8 bytes in each record.',
  security: { protocol: 'TLSv1.2', authentication: 'psk', suite: 'TLS_PSK_WITH_AES_128_CCM_8' },
  theory: {
    flights: tls12Full({
      broker: ['ServerHello', 'ServerHelloDone'],
      client: ['ClientKeyExchange (PSK identity)', 'ChangeCipherSpec', 'Finished'],
    }),
    sources: ['RFC 4279 §2', 'RFC 6655', 'RFC 7252 §9.1.3.1', 'RFC 7925 §4.2'],
  },
} as const satisfies Family;
