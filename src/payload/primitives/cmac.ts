import { createCipheriv } from 'node:crypto';

const BLOCK_BYTES = 16;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
/** The reduction polynomial of GF(2^128) (RFC 4493 §2.3). */
const RB = 0x87;

/** Subkeys by key, which live as long as the key does. */
const subkeys = new WeakMap<Uint8Array, { full: Buffer; padded: Buffer }>();

/**
 * AES-128-CMAC (RFC 4493, NIST SP 800-38B): CBC-MAC whose last block is masked, so that it is one call of AES-CBC. Node
 * 26 has it as `crypto.createMac`, the other runtimes that clients and brokers run on have not. `key` is 16 bytes, which
 * must not change.
 */
export function aesCmac(key: Uint8Array, message: Uint8Array): Buffer {
  const { full, padded } = subkeysOf(key);
  const blocks = Math.max(1, Math.ceil(message.length / BLOCK_BYTES));
  const bytes = Buffer.alloc(blocks * BLOCK_BYTES);
  bytes.set(message);
  const isFull = message.length === bytes.length;
  if (!isFull) bytes[message.length] = 0x80;
  const mask = isFull ? full : padded;
  const last = bytes.length - BLOCK_BYTES;
  for (let at = 0; at < BLOCK_BYTES; at++) bytes[last + at] = (bytes[last + at] ?? 0) ^ (mask[at] ?? 0);
  return encrypt(key, bytes).subarray(last);
}

function subkeysOf(key: Uint8Array): { full: Buffer; padded: Buffer } {
  const known = subkeys.get(key);
  if (known !== undefined) return known;
  const full = double(encrypt(key, ZEROS));
  const made = { full, padded: double(full) };
  subkeys.set(key, made);
  return made;
}

function encrypt(key: Uint8Array, blocks: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key, ZEROS);
  cipher.setAutoPadding(false);
  return cipher.update(blocks);
}

/** Times x in GF(2^128). */
function double(block: Buffer): Buffer {
  const doubled = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at++) {
    doubled[at] = ((block[at] ?? 0) << 1) | ((block[at + 1] ?? 0) >> 7);
  }
  if (((block[0] ?? 0) & 0x80) !== 0) doubled[BLOCK_BYTES - 1] = (doubled[BLOCK_BYTES - 1] ?? 0) ^ RB;
  return doubled;
}
