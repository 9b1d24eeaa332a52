import { createHmac, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { NONCE_BYTES } from '../envelope.ts';
import { publicHalf } from '../keys.ts';
import { openAead, sealAead } from './aead.ts';

/**
 * Hybrid public key encryption (RFC 9180) of single messages (§6.1): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * AES-128-GCM, in the modes `base` and `auth`. On node:crypto alone: its `encapsulate` has the same KEM, but from Node 24
 * on only, and without `auth`.
 */
export interface Sealed {
  /** The ephemeral public key. */
  encapsulated: Buffer;
  sealed: Buffer;
}

export const ENCAPSULATED_BYTES = 32;
const KEM_ID = 0x00_20;
const KDF_ID = 0x00_01;
const AEAD_ID = 0x00_01;
const KEY_BYTES = 16;
const SHARED_SECRET_BYTES = 32;
const MODE_BASE = 0;
const MODE_AUTH = 2;

const EMPTY = Buffer.alloc(0);
const KEM_SUITE = Buffer.concat([Buffer.from('KEM'), uint16(KEM_ID)]);
const HPKE_SUITE = Buffer.concat([Buffer.from('HPKE'), uint16(KEM_ID), uint16(KDF_ID), uint16(AEAD_ID)]);
/** What precedes the 32 bytes of an X25519 key in a SubjectPublicKeyInfo (RFC 8410 §4). */
const SPKI_HEAD = Buffer.from('302a300506032b656e032100', 'hex');

/**
 * Which keys an end has: the recipient's, and in mode `auth` the sender's. Of these two, one private half is enough to
 * seal, whosever it is: that is why `auth` proves nothing to a third party (§9.1.1).
 */
export interface HpkeKeys {
  recipient: KeyObject;
  sender?: KeyObject;
}

/** Encrypts to a `recipient`, from a `sender` in mode `auth`. The ephemeral key is for tests with published vectors alone. */
export function sealHpke(
  keys: HpkeKeys,
  info: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array,
  ephemeral: KeyObject = generateKeyPairSync('x25519').privateKey,
): Sealed {
  const { recipient, sender } = keys;
  const encapsulated = rawPublic(ephemeral);
  const agreed = [agree(ephemeral, recipient)];
  const context = [encapsulated, rawPublic(recipient)];
  if (sender !== undefined) {
    agreed.push(agree(sender, recipient));
    context.push(rawPublic(sender));
  }
  const { key, nonce } = schedule(sender, sharedSecret(agreed, context), info);
  return { encapsulated, sealed: sealAead('aes-128-gcm', key, nonce, associated, plaintext) };
}

/** Opens with a private `recipient`; `sender` is a public key. Undefined when the message is not theirs, or was changed. */
export function openHpke(
  keys: HpkeKeys,
  info: Uint8Array,
  associated: Uint8Array,
  { encapsulated, sealed }: Sealed,
): Buffer | undefined {
  const { recipient, sender } = keys;
  const agreed: Buffer[] = [];
  try {
    agreed.push(agree(recipient, publicFromRaw(encapsulated)));
    if (sender !== undefined) agreed.push(agree(recipient, sender));
  } catch {
    // A point of small order, with which the secret would be none (RFC 7748 §6.1, RFC 9180 §7.1.4).
    return undefined;
  }
  const context = [encapsulated, rawPublic(recipient), ...(sender === undefined ? [] : [rawPublic(sender)])];
  const { key, nonce } = schedule(sender, sharedSecret(agreed, context), info);
  return openAead('aes-128-gcm', key, nonce, associated, sealed);
}

/** Diffie–Hellman between two keys, one of them a private one at least. */
function agree(one: KeyObject, other: KeyObject): Buffer {
  const [privateKey, publicKey] = one.type === 'private' ? [one, other] : [other, one];
  return diffieHellman({ privateKey, publicKey: publicHalf(publicKey) });
}

/** ExtractAndExpand (§4.1). */
function sharedSecret(agreed: readonly Buffer[], context: readonly Buffer[]): Buffer {
  const extracted = labeledExtract(KEM_SUITE, EMPTY, 'eae_prk', Buffer.concat(agreed));
  return labeledExpand(KEM_SUITE, extracted, 'shared_secret', Buffer.concat(context), SHARED_SECRET_BYTES);
}

/** The key and the nonce of the first message (§5.1), of the mode that knows the sender or does not. */
function schedule(
  sender: KeyObject | undefined,
  shared: Buffer,
  info: Uint8Array,
): { key: Buffer; nonce: Buffer } {
  const context = Buffer.concat([
    Buffer.of(sender === undefined ? MODE_BASE : MODE_AUTH),
    NO_PSK_HASH,
    labeledExtract(HPKE_SUITE, EMPTY, 'info_hash', info),
  ]);
  const secret = labeledExtract(HPKE_SUITE, shared, 'secret', EMPTY);
  return {
    key: labeledExpand(HPKE_SUITE, secret, 'key', context, KEY_BYTES),
    nonce: labeledExpand(HPKE_SUITE, secret, 'base_nonce', context, NONCE_BYTES),
  };
}

function labeledExtract(suite: Buffer, salt: Uint8Array, label: string, secret: Uint8Array): Buffer {
  return createHmac('sha256', salt).update('HPKE-v1').update(suite).update(label).update(secret).digest();
}

/** Up to 32 bytes, which HKDF-Expand has from its first block (RFC 5869 §2.3). */
function labeledExpand(suite: Buffer, secret: Buffer, label: string, info: Buffer, bytes: number): Buffer {
  return createHmac('sha256', secret)
    .update(uint16(bytes))
    .update('HPKE-v1')
    .update(suite)
    .update(label)
    .update(info)
    .update(Buffer.of(1))
    .digest()
    .subarray(0, bytes);
}

const NO_PSK_HASH = labeledExtract(HPKE_SUITE, EMPTY, 'psk_id_hash', EMPTY);

/** Exporting a key is dear, and the long-lived ones are asked for with each message. */
const raws = new WeakMap<KeyObject, Buffer>();

function rawPublic(key: KeyObject): Buffer {
  const known = raws.get(key);
  if (known !== undefined) return known;
  const raw = publicHalf(key).export({ type: 'spki', format: 'der' }).subarray(SPKI_HEAD.length);
  raws.set(key, raw);
  return raw;
}

function publicFromRaw(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, raw]), format: 'der', type: 'spki' });
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}
