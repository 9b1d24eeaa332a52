import { groupName, suiteName, versionName } from './names.ts';

/** RFC 8446 §4.1.3: a ServerHello with this random, the SHA-256 of "HelloRetryRequest", is a HelloRetryRequest. */
const RETRY_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

const EXTENSION = {
  encryptThenMac: 22,
  sessionTicket: 35,
  preSharedKey: 41,
  supportedVersions: 43,
  keyShare: 51,
} as const;

export interface ClientHello {
  /** 32 bytes. */
  random: Uint8Array;
  /** A session id stands in it; a client that offers TLS 1.3 too may have made it up (RFC 8446 §D.4). */
  sessionId: boolean;
  /** A session ticket that is not empty stands in it (RFC 5077 §3.2). */
  sessionTicket: boolean;
  preSharedKey: boolean;
}

export interface ServerHello {
  retry: boolean;
  version: string;
  suite: string;
  /** Only TLS 1.3 names it here. */
  group: string | undefined;
  preSharedKey: boolean;
  /** CBC suites of TLS 1.2: the MAC is that of what is encrypted (RFC 7366). */
  encryptThenMac: boolean;
  /** 32 bytes. */
  random: Uint8Array;
}

/** Reads big-endian vectors in order; what lies behind the end reads as nothing and makes `whole` false. */
class Cursor {
  whole = true;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  number(size: 1 | 2): number {
    return this.take(size).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  take(size: number): Uint8Array {
    if (size > this.left) this.whole = false;
    const taken = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += taken.length;
    return taken;
  }

  /** A vector with its length before it. */
  vector(lengthBytes: 1 | 2): Uint8Array {
    return this.take(this.number(lengthBytes));
  }
}

/** Reads the body of a ClientHello (RFC 8446 §4.1.2); undefined when it is not one. */
export function readClientHello(body: Uint8Array): ClientHello | undefined {
  const cursor = new Cursor(body);
  cursor.take(2);
  const random = cursor.take(32);
  const sessionId = cursor.vector(1);
  cursor.vector(2);
  cursor.vector(1);
  const extensions = readExtensions(cursor);
  if (extensions === undefined) return undefined;
  return {
    random,
    sessionId: sessionId.length > 0,
    sessionTicket: (extensions.get(EXTENSION.sessionTicket)?.length ?? 0) > 0,
    preSharedKey: extensions.has(EXTENSION.preSharedKey),
  };
}

/** Reads the body of a ServerHello (RFC 8446 §4.1.3) or HelloRetryRequest; undefined when it is not one. */
export function readServerHello(body: Uint8Array): ServerHello | undefined {
  const cursor = new Cursor(body);
  const legacyVersion = cursor.number(2);
  const random = cursor.take(32);
  cursor.vector(1);
  const suite = cursor.number(2);
  cursor.take(1);
  const extensions = readExtensions(cursor);
  if (extensions === undefined) return undefined;
  const selected = extensions.get(EXTENSION.supportedVersions);
  const share = extensions.get(EXTENSION.keyShare);
  return {
    retry: Buffer.from(random).toString('hex') === RETRY_RANDOM,
    version: versionName(selected === undefined ? legacyVersion : new Cursor(selected).number(2)),
    suite: suiteName(suite),
    group: share === undefined || share.length < 2 ? undefined : groupName(new Cursor(share).number(2)),
    preSharedKey: extensions.has(EXTENSION.preSharedKey),
    encryptThenMac: extensions.has(EXTENSION.encryptThenMac),
    random,
  };
}

/**
 * The group of a ServerKeyExchange of TLS 1.2 with elliptic curves (RFC 8422 §5.4; with a PSK, after the identity hint,
 * RFC 5489 §2), from as much of its body as there is. Other key exchanges name no group.
 */
export function readKeyExchangeGroup(body: Uint8Array, suite: string | undefined): string | undefined {
  if (suite?.startsWith('TLS_ECDHE_') !== true) return undefined;
  const cursor = new Cursor(body);
  if (suite.startsWith('TLS_ECDHE_PSK_')) cursor.vector(2);
  const NAMED_CURVE = 3;
  const type = cursor.number(1);
  const group = cursor.number(2);
  return cursor.whole && type === NAMED_CURVE ? groupName(group) : undefined;
}

function readExtensions(cursor: Cursor): Map<number, Uint8Array> | undefined {
  const extensions = new Map<number, Uint8Array>();
  if (!cursor.whole) return undefined;
  // Before TLS 1.3 a hello may end without extensions.
  if (cursor.left === 0) return extensions;
  const all = new Cursor(cursor.vector(2));
  while (all.left > 0) extensions.set(all.number(2), all.vector(2));
  return cursor.whole && all.whole ? extensions : undefined;
}
