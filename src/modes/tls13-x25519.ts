import type { Family } from './family.ts';
import { tls13 } from './tls13.ts';

export const tls13X25519 = {
  name: 'tls13-x25519',
  title: 'TLS 1.3, X25519',
  description:
    'TLS 1.3 with the X25519 group, which most stacks prefer without post-quantum keys; `tls13` under a name that says so.',
  security: { ...tls13.security, group: 'X25519' },
  theory: { ...tls13.theory, sources: ['RFC 8446 §2, §4.2.7'] },
} as const satisfies Family;
