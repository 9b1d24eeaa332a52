import { aes128Gcm } from './aes-128-gcm.ts';
import { ed25519 } from './ed25519.ts';
import { signThenEncrypt } from './sign-then-encrypt.ts';

/** A topic's secret keeps outsiders out, the signature tells its publishers apart. */
export const ed25519Aes128Gcm = signThenEncrypt(
  { name: 'ed25519-aes-128-gcm', id: 48, title: 'Ed25519 signature inside AES-128-GCM' },
  ed25519,
  aes128Gcm,
);
