import { createHmac } from 'node:crypto';

/** How the records of a suite are protected, as its IANA name says. */
export interface Protection {
  /** The cipher's name in Node. */
  cipher: string;
  kind: 'aead' | 'chacha' | 'cbc';
  keyBytes: number;
  /** AEAD: the tag; CBC: the MAC. */
  tagBytes: number;
  /** Of the key schedule, and of the MAC of a CBC suite. */
  hash: 'sha256' | 'sha384';
}

/** Keys for one direction. */
export interface RecordKeys {
  key: Buffer;
  /** What nonces are made of. */
  iv: Buffer;
  /** Of CBC suites alone. */
  macKey: Buffer;
}

const HASH_BYTES = { sha256: 32, sha384: 48 } as const;
/** RFC 8446 §5.3; RFC 5288 §3: the part of the nonce that is not in the record. */
const NONCE_BYTES = 12;
const SALT_BYTES = 4;

/** The protection of a suite by its IANA name; undefined for one that is not known here. */
export function protectionOf(suite: string): Protection | undefined {
  const [, name, bits, mode] =
    /_(AES)_(128|256)_(GCM|CCM_8|CCM|CBC)(?:_|$)/.exec(suite) ?? /_(CHACHA20)_(POLY1305)/.exec(suite) ?? [];
  const hash = suite.endsWith('_SHA384') ? 'sha384' : 'sha256';
  if (name === 'CHACHA20')
    return { cipher: 'chacha20-poly1305', kind: 'chacha', keyBytes: 32, tagBytes: 16, hash };
  if (name === undefined) return undefined;
  const keyBytes = Number(bits) / 8;
  if (mode === 'CBC') {
    // Older suites of TLS 1.2 have a MAC of SHA-1, and would be taken for others.
    if (!/_SHA(?:256|384)$/.test(suite)) return undefined;
    return { cipher: `aes-${bits}-cbc`, kind: 'cbc', keyBytes, tagBytes: HASH_BYTES[hash], hash };
  }
  const cipher = `aes-${bits}-${mode === 'GCM' ? 'gcm' : 'ccm'}`;
  return { cipher, kind: 'aead', keyBytes, tagBytes: mode === 'CCM_8' ? 8 : 16, hash };
}

/** The keys that follow from a traffic secret of TLS 1.3 (RFC 8446 §7.3). */
export function trafficKeys(secret: Buffer, { keyBytes, hash }: Protection): RecordKeys {
  return {
    key: expandLabel(hash, secret, 'key', keyBytes),
    iv: expandLabel(hash, secret, 'iv', NONCE_BYTES),
    macKey: Buffer.alloc(0),
  };
}

/** The traffic secret behind a KeyUpdate (RFC 8446 §7.2). */
export function nextSecret(secret: Buffer, { hash }: Protection): Buffer {
  return expandLabel(hash, secret, 'traffic upd', HASH_BYTES[hash]);
}

/** The keys of both directions from the master secret of TLS 1.2 (RFC 5246 §6.3). */
export function masterKeys(
  master: Buffer,
  randoms: { client: Uint8Array; broker: Uint8Array },
  { kind, keyBytes, tagBytes, hash }: Protection,
): Record<'client' | 'broker', RecordKeys> {
  const macBytes = kind === 'cbc' ? tagBytes : 0;
  const ivBytes = kind === 'cbc' ? 0 : kind === 'chacha' ? NONCE_BYTES : SALT_BYTES;
  const seed = Buffer.concat([Buffer.from('key expansion'), randoms.broker, randoms.client]);
  const block = pseudoRandom(hash, master, seed, 2 * (macBytes + keyBytes + ivBytes));
  let at = 0;
  const take = (bytes: number): Buffer => block.subarray(at, (at += bytes));
  const [clientMac, brokerMac] = [take(macBytes), take(macBytes)];
  const [clientKey, brokerKey] = [take(keyBytes), take(keyBytes)];
  const [clientIv, brokerIv] = [take(ivBytes), take(ivBytes)];
  return {
    client: { key: clientKey, iv: clientIv, macKey: clientMac },
    broker: { key: brokerKey, iv: brokerIv, macKey: brokerMac },
  };
}

/** HKDF-Expand-Label without a context (RFC 8446 §7.1, RFC 5869 §2.3). Node's own HKDF extracts as well. */
function expandLabel(hash: Protection['hash'], secret: Buffer, label: string, bytes: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([bytes >> 8, bytes & 0xff, name.length]), name, Buffer.from([0])]);
  const blocks: Buffer[] = [];
  let last = Buffer.alloc(0);
  for (let n = 1; blocks.length * HASH_BYTES[hash] < bytes; n++) {
    last = createHmac(hash, secret)
      .update(last)
      .update(info)
      .update(Buffer.from([n]))
      .digest();
    blocks.push(last);
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** P_hash (RFC 5246 §5). */
function pseudoRandom(hash: Protection['hash'], secret: Buffer, seed: Buffer, bytes: number): Buffer {
  const blocks: Buffer[] = [];
  let chain = seed;
  while (blocks.length * HASH_BYTES[hash] < bytes) {
    chain = createHmac(hash, secret).update(chain).digest();
    blocks.push(createHmac(hash, secret).update(chain).update(seed).digest());
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}
