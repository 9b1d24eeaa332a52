import { randomBytes } from 'node:crypto';
import { associatedData, type Recipe } from '../envelope.ts';
import { secretOf } from '../keys.ts';
import { IV_BYTES, KEY_BYTES, MAC_BYTES, openCbcHmac, sealCbcHmac } from '../primitives/cbc-hmac.ts';
import { PROMISES } from '../promises.ts';

const BLOCK_BYTES = 16;

/**
 * Encrypt-then-MAC: the order that is secure whatever the cipher is (Bellare and Namprempre, ASIACRYPT 2000), where
 * MAC-then-encrypt gave padding oracles. For devices with AES and SHA-256 in hardware and no GCM.
 */
export const aes128CbcHmacSha256: Recipe = {
  name: 'aes-128-cbc-hmac-sha256',
  id: 4,
  title: 'AES-128-CBC then HMAC-SHA-256',
  sources: ['RFC 7518 §5.2.3', 'RFC 7366'],
  promises: PROMISES.sealed,
  needs: { secretBytes: KEY_BYTES },
  bodyBytes: (payloadBytes) =>
    IV_BYTES + BLOCK_BYTES * (Math.floor(payloadBytes / BLOCK_BYTES) + 1) + MAC_BYTES,
  seal: (context, payload, keys) => {
    const iv = randomBytes(IV_BYTES);
    return Buffer.concat([iv, sealCbcHmac(secretOf(keys, KEY_BYTES), iv, associatedData(context), payload)]);
  },
  unseal: (context, body, keys) =>
    openCbcHmac(
      secretOf(keys, KEY_BYTES),
      body.subarray(0, IV_BYTES),
      associatedData(context),
      body.subarray(IV_BYTES),
    ),
};
