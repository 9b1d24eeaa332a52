import { generateKeyPair as generate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyType } from './needs.ts';

const generateKeyPair = promisify(generate);

/** Both halves of a key, which know what they are. */
export interface KeyPair {
  type: KeyType;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

type Halves = Omit<KeyPair, 'type'>;

interface KeyKind {
  make(): Promise<Halves>;
  /** The curve of an ECDSA key, by the name that TLS gives it as a group. */
  curve?: 'P-256' | 'P-384';
  /** What authenticates a handshake of TLS 1.2 in the names of its suites; absent: TLS 1.3 alone has the key. */
  tls12?: 'ECDSA' | 'RSA';
  /** The digest that is signed; null where the algorithm has its own. */
  digest: 'sha256' | 'sha384' | null;
  /** Its signatures as WebCrypto names them, which is how \@peculiar/x509 knows them. */
  algorithm: { name: string; namedCurve?: string; hash?: string };
  /** The DER AlgorithmIdentifier of its signatures, as hex. */
  signatureIdentifier: string;
}

/** Signature identifiers: RFC 5758 §3.2, RFC 4055 §5, RFC 8410 §3, RFC 9881 §2. RSA's exponent is 65537. */
const KINDS: Record<KeyType, KeyKind> = {
  'ecdsa-p256': {
    make: () => generateKeyPair('ec', { namedCurve: 'P-256' }),
    curve: 'P-256',
    tls12: 'ECDSA',
    digest: 'sha256',
    algorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
    signatureIdentifier: '300a06082a8648ce3d040302',
  },
  'ecdsa-p384': {
    make: () => generateKeyPair('ec', { namedCurve: 'P-384' }),
    curve: 'P-384',
    tls12: 'ECDSA',
    digest: 'sha384',
    algorithm: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
    signatureIdentifier: '300a06082a8648ce3d040303',
  },
  'rsa-2048': rsa(2048),
  'rsa-3072': rsa(3072),
  'rsa-4096': rsa(4096),
  ed25519: {
    make: () => generateKeyPair('ed25519'),
    tls12: 'ECDSA',
    digest: null,
    algorithm: { name: 'Ed25519' },
    signatureIdentifier: '300506032b6570',
  },
  'ml-dsa-44': {
    make: () => generateKeyPair('ml-dsa-44'),
    digest: null,
    algorithm: { name: 'ML-DSA-44' },
    signatureIdentifier: '300b0609608648016503040311',
  },
  'ml-dsa-65': {
    make: () => generateKeyPair('ml-dsa-65'),
    digest: null,
    algorithm: { name: 'ML-DSA-65' },
    signatureIdentifier: '300b0609608648016503040312',
  },
};

function rsa(modulusLength: number): KeyKind {
  return {
    make: () => generateKeyPair('rsa', { modulusLength }),
    tls12: 'RSA',
    digest: 'sha256',
    algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    signatureIdentifier: '300d06092a864886f70d01010b0500',
  };
}

/** What is known of a type of key. */
export function keyKind(type: KeyType): Omit<KeyKind, 'make'> {
  return KINDS[type];
}

/** Makes a key on a thread of its own. Rejects where this Node's OpenSSL has no such key. */
export async function newKeyPair(type: KeyType): Promise<KeyPair> {
  return { type, ...(await KINDS[type].make()) };
}
