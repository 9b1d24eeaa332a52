import type { Family } from './family.ts';
import { tls13 } from './tls13.ts';

export const tls13P256 = {
  name: 'tls13-p256',
  title: 'TLS 1.3, P-256',
  description:
    'TLS 1.3 with the group that every stack must have (RFC 8446 §9.1), and that security elements and old hardware compute.',
  security: { ...tls13.security, group: 'P-256' },
  theory: { ...tls13.theory, sources: ['RFC 8446 §2, §4.2.7'] },
} as const satisfies Family;
