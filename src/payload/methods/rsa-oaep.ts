import { constants, privateDecrypt, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto';
import { associatedData, nonceOf, type Recipe } from '../envelope.ts';
import { halfOf } from '../keys.ts';
import { openAead, sealAead, TAG_BYTES } from '../primitives/aead.ts';
import { PROMISES } from '../promises.ts';

const WRAPPED_BYTES = 256;
const CONTENT_KEY_BYTES = 16;

const oaep = (key: KeyObject) => ({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' });

/** A new content key for each message, wrapped for the topic's RSA key; 2048 bits, as most devices with RSA have. */
export const rsaOaep: Recipe = {
  name: 'rsa-oaep',
  id: 10,
  title: 'RSA-2048-OAEP with AES-128-GCM',
  sources: ['RFC 8017 §7.1', 'NIST SP 800-38D'],
  promises: PROMISES.anonymous,
  needs: { recipient: 'rsa-2048' },
  bodyBytes: (payloadBytes) => WRAPPED_BYTES + payloadBytes + TAG_BYTES,
  seal: (context, payload, keys) => {
    const contentKey = randomBytes(CONTENT_KEY_BYTES);
    return Buffer.concat([
      publicEncrypt(oaep(halfOf(keys, 'recipient', 'rsa-2048')), contentKey),
      sealAead('aes-128-gcm', contentKey, nonceOf(context), associatedData(context), payload),
    ]);
  },
  unseal: (context, body, keys) => {
    const contentKey = unwrap(halfOf(keys, 'recipient', 'rsa-2048'), body.subarray(0, WRAPPED_BYTES));
    if (contentKey?.length !== CONTENT_KEY_BYTES) return undefined;
    return openAead(
      'aes-128-gcm',
      contentKey,
      nonceOf(context),
      associatedData(context),
      body.subarray(WRAPPED_BYTES),
    );
  },
};

/** Why a key cannot be unwrapped is told to nobody (Manger, CRYPTO 2001). */
export function unwrap(key: KeyObject, wrapped: Buffer): Buffer | undefined {
  try {
    return privateDecrypt(oaep(key), wrapped);
  } catch {
    return undefined;
  }
}
