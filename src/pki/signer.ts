import { sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { keyKind, type KeyPair } from './keys.ts';

const signAsync = promisify(sign);

/** Signs as the key's kind does it; an ECDSA signature is DER, as certificates and CRLs hold it. */
export function signDer({ type, privateKey }: KeyPair, data: Uint8Array): Promise<Buffer> {
  return signAsync(keyKind(type).digest, data, privateKey);
}

/**
 * Keys in the form that \@peculiar/x509's generators take, and the part of WebCrypto that they call. Node's own
 * WebCrypto would do, but says on stderr that its ML-DSA is an experiment; `node:crypto` signs with the same OpenSSL.
 */
export function signingKey({ type, privateKey }: KeyPair): never {
  return { algorithm: keyKind(type).algorithm, keyObject: privateKey } as never;
}

export const SIGNER = {
  subtle: {
    async sign(
      { name, hash }: { name: string; hash: string },
      { keyObject }: { keyObject: KeyObject },
      data: ArrayBuffer,
    ): Promise<Uint8Array> {
      if (name === 'ECDSA') return signEvenly(hash, keyObject, new Uint8Array(data));
      return signAsync(name.startsWith('RSA') ? hash : null, new Uint8Array(data), keyObject);
    },
  },
} as never;

/**
 * An ECDSA signature in the form of IEEE P1363 whose DER form has the most frequent length (71 bytes with P-256, 103
 * with P-384), so that certificates of the same content are of the same size in every run. DER puts a zero before each
 * of the two numbers that begins with a bit that is set, and leaves out zeros that the number begins with.
 */
async function signEvenly(hash: string, key: KeyObject, data: Uint8Array): Promise<Buffer> {
  for (;;) {
    const signature = await signAsync(hash, data, { key, dsaEncoding: 'ieee-p1363' });
    const r = signature[0] ?? 0;
    const s = signature[signature.length / 2] ?? 0;
    // Two tries are to be expected.
    if (r > 0 && s > 0 && r > 0x7f !== s > 0x7f) return signature;
  }
}
