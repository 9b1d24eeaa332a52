import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

export const IV_BYTES = 16;
export const MAC_BYTES = 16;
export const KEY_BYTES = 32;
const HALF_KEY_BYTES = 16;

/**
 * AES-128-CBC and HMAC-SHA-256, encrypt-then-MAC (RFC 7518 §5.2.3): ciphertext and tag. The first half of the key is for
 * the MAC, the second for the cipher. The IV must not be foreseeable.
 */
export function sealCbcHmac(
  key: Uint8Array,
  iv: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key.subarray(HALF_KEY_BYTES), iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([ciphertext, macOf(key, iv, associated, ciphertext)]);
}

/**
 * The plaintext; undefined when the tag is wrong. The tag is looked at before anything is decrypted, so that padding
 * tells an attacker nothing (Vaudenay 2002). `sealed` has the 16 bytes of a tag at least.
 */
export function openCbcHmac(
  key: Uint8Array,
  iv: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Buffer | undefined {
  const ciphertext = sealed.subarray(0, sealed.length - MAC_BYTES);
  const expected = macOf(key, iv, associated, ciphertext);
  if (!timingSafeEqual(expected, sealed.subarray(sealed.length - MAC_BYTES))) return undefined;
  const decipher = createDecipheriv('aes-128-cbc', key.subarray(HALF_KEY_BYTES), iv);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    // A holder of the key made a tag over what is no padded plaintext.
    return undefined;
  }
}

/** Over associated data, IV, ciphertext, and the bits of associated data in 64 bits (RFC 7518 §5.2.2.1). */
function macOf(key: Uint8Array, iv: Uint8Array, associated: Uint8Array, ciphertext: Uint8Array): Buffer {
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64BE(BigInt(associated.length) * 8n);
  return createHmac('sha256', key.subarray(0, HALF_KEY_BYTES))
    .update(associated)
    .update(iv)
    .update(ciphertext)
    .update(bits)
    .digest()
    .subarray(0, MAC_BYTES);
}
