import type { KeyNeeds, KeyRing, OpenKeys, ProtectKeys } from './keys.ts';
import { MAX_SENDER } from './keys.ts';
import type { Method, Opened, Promises } from './method.ts';
import type { ReplayState } from './replay.ts';

/**
 * A protected payload, byte by byte; numbers are big-endian:
 *
 *     0        version (2 bits, now 1) and method (6 bits)
 *     1 –  2   key id: which keys of the topic; 0 where there are none
 *     3 –  4   sender: the publisher's number
 *     5 – 10   sequence: counts up from message to message of the sender, 48 bits as in DTLS 1.2 (RFC 6347 §4.1)
 *    11 –      body, by method:
 *
 *     AEAD, symmetric key     ciphertext, tag (16)
 *     HPKE                    encapsulated key (32), ciphertext, tag (16)
 *     RSA-OAEP                wrapped content key (256), ciphertext, tag (16)
 *     AES-CBC with HMAC       IV (16), ciphertext padded to whole blocks (1 to 16 more), tag (16)
 *     checksum, MAC, signature    payload in clear, then 4 to 256 bytes of it
 *     sign, then encrypt      as the encryption's, its plaintext being payload and signature
 *
 * There is no length: MQTT has it. There is no nonce where one can be made of sender and sequence, as TLS 1.3 and OSCORE
 * make theirs (RFC 8446 §5.3, RFC 8613 §5.2): that saves 12 bytes a message. Each method protects the header too,
 * and the topic, which is not sent again.
 */
export const HEADER_BYTES = 11;
const VERSION = 1;
const METHOD_BITS = 6;
export const MAX_METHOD_ID = 2 ** METHOD_BITS - 1;
const SEQUENCE_AT = 5;
const SEQUENCE_BYTES = 6;
export const MAX_SEQUENCE = 2 ** (8 * SEQUENCE_BYTES) - 1;

/** MQTT writes topic names with a length of two bytes (OASIS MQTT 3.1.1 §1.5.3). */
const MAX_TOPIC_BYTES = 0xff_ff;

export const NONCE_BYTES = 12;
const NONCE_ZEROS = 4;

/** What is protected beside the payload. */
export interface Context {
  readonly header: Buffer;
  /** UTF-8. */
  readonly topic: Buffer;
}

/** What a method does with the body; the rest is the same for all. */
export interface Recipe {
  readonly name: string;
  readonly id: number;
  readonly title: string;
  readonly sources: readonly string[];
  readonly promises: Promises;
  readonly needs: KeyNeeds;
  /** Bytes of a body for a payload of that many. */
  bodyBytes(payloadBytes: number): number;
  /** Makes the body. Throws a RangeError for keys that are not what `needs` says. */
  seal(context: Context, payload: Uint8Array, keys: ProtectKeys): Buffer;
  /** The payload; undefined when the body is not genuine. Must not throw on any body with keys that are as they should be. */
  unseal(context: Context, body: Buffer, keys: OpenKeys): Buffer | undefined;
}

/** A method from its recipe: adds header, choice of keys, and the guard against replay. */
export function defineMethod(recipe: Recipe): Method {
  const { name, id, title, sources, promises, needs } = recipe;
  const firstByte = (VERSION << METHOD_BITS) | id;
  const shortest = HEADER_BYTES + recipe.bodyBytes(0);
  return {
    name,
    id,
    title,
    sources,
    promises,
    needs,
    addedBytes: (payloadBytes) => HEADER_BYTES + recipe.bodyBytes(payloadBytes) - payloadBytes,
    protect: (topic, payload, keys, sequence) => {
      const header = headerOf(firstByte, keys, sequence);
      return Buffer.concat([header, recipe.seal({ header, topic: topicBytes(topic) }, payload, keys)]);
    },
    open: (topic: string, bytes: Uint8Array, ring: KeyRing, state: ReplayState): Opened => {
      if (bytes.length < shortest || bytes[0] !== firstByte) return { verdict: 'malformed' };
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const header = whole.subarray(0, HEADER_BYTES);
      const sender = header.readUInt16BE(3);
      const keys = ring.find(header.readUInt16BE(1), sender);
      if (keys === undefined) return { verdict: 'wrong-key' };
      const payload = recipe.unseal({ header, topic: topicBytes(topic) }, whole.subarray(HEADER_BYTES), keys);
      if (payload === undefined) return { verdict: promises.authentication ? 'authentication' : 'integrity' };
      // Last: only what is genuine may move the window, or anybody could push it ahead (RFC 4303 §3.4.3).
      const sequence = header.readUIntBE(SEQUENCE_AT, SEQUENCE_BYTES);
      if (!state.accept(topic, sender, sequence)) return { verdict: 'replayed' };
      return { verdict: 'genuine', payload, sender, sequence };
    },
  };
}

function headerOf(firstByte: number, { keyId, sender }: ProtectKeys, sequence: number): Buffer {
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > MAX_SEQUENCE)
    throw new RangeError(`Expected a sequence number of 0 to 2^48 - 1, got ${sequence}`);
  if (!Number.isInteger(sender) || sender < 0 || sender > MAX_SENDER)
    throw new RangeError(`Expected a sender of 0 to ${MAX_SENDER}, got ${sender}`);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header[0] = firstByte;
  header.writeUInt16BE(keyId, 1);
  header.writeUInt16BE(sender, 3);
  header.writeUIntBE(sequence, SEQUENCE_AT, SEQUENCE_BYTES);
  return header;
}

/** The same bytes with another sequence number in their header, as who has no key can write one. */
export function withSequence(bytes: Uint8Array, sequence: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUIntBE(sequence, SEQUENCE_AT, SEQUENCE_BYTES);
  return changed;
}

function topicBytes(topic: string): Buffer {
  const bytes = Buffer.from(topic, 'utf8');
  if (bytes.length === 0 || bytes.length > MAX_TOPIC_BYTES)
    throw new RangeError(`Expected a topic of 1 to ${MAX_TOPIC_BYTES} bytes, got ${bytes.length}`);
  return bytes;
}

/** Header and topic as associated data: a header has one length, so that no two pairs give the same bytes. */
export function associatedData({ header, topic }: Context): Buffer {
  return Buffer.concat([header, topic]);
}

/**
 * Sender and sequence as a nonce of 96 bits (fixed field and counter: RFC 5116 §3.2, NIST SP 800-38D §8.2.1): each value
 * once under a key, as long as senders differ and sequences are not given twice.
 */
export function nonceOf({ header }: Context): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  header.copy(nonce, NONCE_ZEROS, 3, HEADER_BYTES);
  return nonce;
}

/** What checksums, MACs and signatures are of: header, topic with its length, and payload, which no other triple gives. */
export function coveredBytes({ header, topic }: Context, payload: Uint8Array): Buffer {
  const length = Buffer.allocUnsafe(2);
  length.writeUInt16BE(topic.length);
  return Buffer.concat([header, length, topic, payload]);
}
