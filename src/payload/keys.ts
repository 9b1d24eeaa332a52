import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** Key pairs by what they are for: `x25519` agrees on keys, the others sign; `rsa-2048` wraps keys or signs. */
export type PairType = 'x25519' | 'ed25519' | 'ecdsa-p256' | 'rsa-2048';

/** The keys that a method cannot do without. */
export interface KeyNeeds {
  /** Bytes of the secret that all publishers and subscribers of a topic share. */
  readonly secretBytes?: 16 | 32;
  /** The key pair of a topic: its subscribers hold the private half, its publishers the public one. */
  readonly recipient?: 'x25519' | 'rsa-2048';
  /** The key pair of a publisher: it holds the private half, subscribers the public one. */
  readonly author?: PairType;
}

/** What a publisher protects a topic's messages with. */
export interface ProtectKeys {
  /** Which keys these are, as receivers look them up: {@link keyIdOf}. */
  readonly keyId: number;
  /** The publisher's number, 0 to 65535, its own among all that share a secret: nonces have it in them. */
  readonly sender: number;
  readonly secret?: Buffer;
  /** The public half. */
  readonly recipient?: KeyObject;
  /** The private half. */
  readonly author?: KeyObject;
}

/** What a subscriber, or a broker that decrypts, opens messages with. */
export interface OpenKeys {
  readonly keyId: number;
  /** Whose `author` key this is; undefined where all publishers share the keys. */
  readonly sender?: number;
  readonly secret?: Buffer;
  /** The private half. */
  readonly recipient?: KeyObject;
  /** The public half. */
  readonly author?: KeyObject;
}

export const MAX_SENDER = 0xff_ff;

/** All keys that a receiver holds for a topic: old ones beside new ones, and one of each publisher that signs. */
export class KeyRing {
  readonly #shared = new Map<number, OpenKeys>();
  readonly #bySender = new Map<number, OpenKeys>();

  constructor(keys: readonly OpenKeys[]) {
    for (const each of keys) {
      if (each.sender === undefined) this.#shared.set(each.keyId, each);
      else this.#bySender.set(slot(each.keyId, each.sender), each);
    }
  }

  /** The keys that a message names; a publisher's own before those that all share. */
  find(keyId: number, sender: number): OpenKeys | undefined {
    return this.#bySender.get(slot(keyId, sender)) ?? this.#shared.get(keyId);
  }

  get all(): OpenKeys[] {
    return [...this.#bySender.values(), ...this.#shared.values()];
  }
}

function slot(keyId: number, sender: number): number {
  return keyId * (MAX_SENDER + 1) + sender;
}

/** The key id of messages that no key protects. */
const NO_KEY = 0;

/**
 * A number of 16 bits for a set of keys, by which a receiver tells that it holds other ones: the first bytes of a SHA-256
 * over the secret and the public halves, whichever half is given. It is a hint, not a proof: one in 65,535 wrong sets has the same, and is then
 * told by the tag. 16 bits of a hash say nothing of use about a random secret of 128 bits.
 */
export function keyIdOf(keys: { secret?: Buffer; recipient?: KeyObject; author?: KeyObject }): number {
  const { secret, recipient, author } = keys;
  if (secret === undefined && recipient === undefined && author === undefined) return NO_KEY;
  const hash = createHash('sha256').update('mqtt-tls-bench key id');
  if (secret !== undefined) hash.update('secret').update(secret);
  for (const key of [recipient, author]) {
    if (key !== undefined) hash.update(publicHalf(key).export({ type: 'spki', format: 'der' }));
  }
  return hash.digest().readUInt16BE(0) || 1;
}

/** The public half of a key, whichever half it is. */
export function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}

/** The shared secret of keys. Throws a RangeError when there is none of that length. */
export function secretOf({ secret }: { readonly secret?: Buffer }, bytes: number): Buffer {
  if (secret?.length !== bytes) {
    throw new RangeError(`Expected a secret of ${bytes} bytes, got ${secret?.length ?? 'none'}`);
  }
  return secret;
}

/** A half of a key pair. Throws a RangeError when it is not there, or of another type. */
export function halfOf(
  keys: { readonly recipient?: KeyObject; readonly author?: KeyObject },
  role: 'recipient' | 'author',
  type: PairType,
): KeyObject {
  const key = keys[role];
  if (key === undefined || !isOfType(key, type)) {
    throw new RangeError(
      `Expected a key of ${type} for the ${role}, got ${key === undefined ? 'none' : key.asymmetricKeyType}`,
    );
  }
  return key;
}

/** Whether a key is what its name says, its curve or length included. */
export function isOfType(key: KeyObject, type: PairType): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (type === 'ecdsa-p256')
    return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (type === 'rsa-2048') return asymmetricKeyType === 'rsa' && asymmetricKeyDetails?.modulusLength === 2048;
  return asymmetricKeyType === type;
}
