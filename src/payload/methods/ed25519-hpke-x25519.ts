import { ed25519 } from './ed25519.ts';
import { hpkeX25519 } from './hpke-x25519.ts';
import { signThenEncrypt } from './sign-then-encrypt.ts';

/** Key pairs alone: no publisher can read what another sends, and each is known by its signature. */
export const ed25519HpkeX25519 = signThenEncrypt(
  { name: 'ed25519-hpke-x25519', id: 49, title: 'Ed25519 signature inside HPKE' },
  ed25519,
  hpkeX25519,
);
