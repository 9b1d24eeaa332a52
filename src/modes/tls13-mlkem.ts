import type { Family } from './family.ts';
import { tls13 } from './tls13.ts';

export const tls13Mlkem = {
  name: 'tls13-mlkem',
  title: 'TLS 1.3, X25519MLKEM768',
  description:
    'TLS 1.3 with the post-quantum hybrid group: safe against who records now and decrypts later, for some 1.1 kB more in each direction.',
  security: { ...tls13.security, group: 'X25519MLKEM768' },
  theory: { ...tls13.theory, sources: ['RFC 8446 §2', 'draft-ietf-tls-ecdhe-mlkem'] },
} as const satisfies Family;
