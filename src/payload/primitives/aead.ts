import { createCipheriv, createDecipheriv, type CipherGCMTypes } from 'node:crypto';

/** An AEAD with a tag of 128 bits and a nonce of 96, under OpenSSL's name (NIST SP 800-38D, RFC 8439). */
export type Aead = 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';

export const TAG_BYTES = 16;

/** Ciphertext and tag. A nonce must never serve twice under a key. */
export function sealAead(
  aead: Aead,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Buffer {
  // Node's types name the family that has GCM's signature; ChaCha20-Poly1305 has the same.
  const cipher = createCipheriv(aead as CipherGCMTypes, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext; undefined when the tag is not that of these bytes. `sealed` has the 16 bytes of a tag at least. */
export function openAead(
  aead: Aead,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Buffer | undefined {
  const decipher = createDecipheriv(aead as CipherGCMTypes, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  decipher.setAAD(associated);
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
  try {
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}
