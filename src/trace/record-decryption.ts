import { createDecipheriv, createHmac, type CipherCCMTypes } from 'node:crypto';
import { CONTENT } from '../link/tap/names.ts';
import type { Protection, RecordKeys } from './record-keys.ts';

/** What an encrypted record holds. */
export interface Plaintext {
  /** Its content type: in TLS 1.3 the true one (RFC 8446 §5.2). */
  type: number;
  content: Buffer;
}

/** Nonce and the number of a record are 8 bytes beside the salt; a block of AES is 16. */
const NUMBER_BYTES = 8;
const BLOCK_BYTES = 16;
/** All records in use say so, those of TLS 1.3 too (RFC 8446 §5.1). */
const VERSION = [3, 3] as const;

/** Decrypts the records of one direction in order, under one set of keys. */
export class RecordDecryption {
  readonly #protection: Protection;
  readonly #keys: RecordKeys;
  readonly #open: (type: number, fragment: Buffer) => Plaintext;
  #number = 0n;

  /** `encryptThenMac` is for CBC suites (RFC 7366). */
  constructor(
    protection: Protection,
    keys: RecordKeys,
    { version, encryptThenMac = false }: { version: 'TLSv1.2' | 'TLSv1.3'; encryptThenMac?: boolean },
  ) {
    this.#protection = protection;
    this.#keys = keys;
    if (version === 'TLSv1.3') this.#open = (type, fragment) => this.#open13(type, fragment);
    else if (protection.kind === 'cbc')
      this.#open = (type, fragment) => ({ type, content: this.#openCbc(type, fragment, encryptThenMac) });
    else this.#open = (type, fragment) => ({ type, content: this.#open12(type, fragment) });
  }

  /** What a record holds, by its content type and its fragment; undefined when it is not of these keys. */
  decrypt(type: number, fragment: Buffer): Plaintext | undefined {
    try {
      return this.#open(type, fragment);
    } catch {
      // Whoever made it did not have these keys, or it is not whole.
      return undefined;
    } finally {
      this.#number++;
    }
  }

  /** RFC 8446 §5.2: behind the content stand its true type and zeros. */
  #open13(type: number, fragment: Buffer): Plaintext {
    const header = Buffer.from([type, ...VERSION, fragment.length >> 8, fragment.length & 0xff]);
    const inner = this.#openAead(this.#mixedNonce(), fragment, header);
    const end = inner.findLastIndex((byte) => byte !== 0);
    return { type: inner[end] ?? CONTENT.applicationData, content: inner.subarray(0, Math.max(0, end)) };
  }

  /** RFC 5246 §6.2.3.3; RFC 5288 §3 and RFC 6655 §3 (nonce in the record), RFC 7905 §2 (none). */
  #open12(type: number, fragment: Buffer): Buffer {
    const explicit = this.#protection.kind === 'chacha' ? 0 : NUMBER_BYTES;
    const nonce =
      explicit === 0 ? this.#mixedNonce() : Buffer.concat([this.#keys.iv, fragment.subarray(0, explicit)]);
    const sealed = fragment.subarray(explicit);
    return this.#openAead(
      nonce,
      sealed,
      this.#numberedHeader(type, sealed.length - this.#protection.tagBytes),
    );
  }

  #openAead(nonce: Buffer, sealed: Buffer, additional: Buffer): Buffer {
    const { cipher, tagBytes } = this.#protection;
    const end = sealed.length - tagBytes;
    // CCM must be told more than the others, which take it as well.
    const decipher = createDecipheriv(cipher as CipherCCMTypes, this.#keys.key, nonce, {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(sealed.subarray(end));
    decipher.setAAD(additional, { plaintextLength: end });
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  }

  /** RFC 5246 §6.2.3.2, RFC 7366 §3. */
  #openCbc(type: number, fragment: Buffer, encryptThenMac: boolean): Buffer {
    const { tagBytes } = this.#protection;
    if (!encryptThenMac) {
      const plain = this.#decipherCbc(fragment);
      const content = plain.subarray(0, plain.length - tagBytes);
      this.#checkMac(type, content, plain.subarray(content.length));
      return content;
    }
    const encrypted = fragment.subarray(0, fragment.length - tagBytes);
    this.#checkMac(type, encrypted, fragment.subarray(encrypted.length));
    return this.#decipherCbc(encrypted);
  }

  #decipherCbc(encrypted: Buffer): Buffer {
    const iv = encrypted.subarray(0, BLOCK_BYTES);
    const decipher = createDecipheriv(this.#protection.cipher, this.#keys.key, iv).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(encrypted.subarray(BLOCK_BYTES)), decipher.final()]);
    return padded.subarray(0, padded.length - 1 - (padded.at(-1) ?? 0));
  }

  #checkMac(type: number, content: Buffer, mac: Buffer): void {
    const own = createHmac(this.#protection.hash, this.#keys.macKey)
      .update(this.#numberedHeader(type, content.length))
      .update(content)
      .digest();
    if (!own.equals(mac)) throw new Error('The MAC is another');
  }

  #numberedHeader(type: number, bytes: number): Buffer {
    return Buffer.concat([this.#numberBytes(), Buffer.from([type, ...VERSION, bytes >> 8, bytes & 0xff])]);
  }

  /** RFC 8446 §5.3: the record's number, on the right, is mixed into the IV. */
  #mixedNonce(): Buffer {
    const nonce = Buffer.from(this.#keys.iv);
    const number = this.#numberBytes();
    const offset = nonce.length - number.length;
    for (const [index, byte] of number.entries()) nonce[offset + index] = (nonce[offset + index] ?? 0) ^ byte;
    return nonce;
  }

  #numberBytes(): Buffer {
    const bytes = Buffer.alloc(NUMBER_BYTES);
    bytes.writeBigUInt64BE(this.#number);
    return bytes;
  }
}
