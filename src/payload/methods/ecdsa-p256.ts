import { sign, verify, type KeyObject } from 'node:crypto';
import { halfOf } from '../keys.ts';
import { PROMISES } from '../promises.ts';
import { signed } from './appended.ts';

/** r and s, of 32 bytes each: one length, where DER has several. */
const fixedLength = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });

/** A second valid signature can be made of a first (r, n − s): the sequence, not the signature, tells a message apart. */
export const ecdsaP256 = signed({
  name: 'ecdsa-p256',
  id: 32,
  title: 'ECDSA P-256 with SHA-256',
  sources: ['FIPS 186-5 §6', 'IEEE P1363'],
  promises: PROMISES.signature,
  needs: { author: 'ecdsa-p256' },
  checkBytes: 64,
  sign: (covered, keys) => sign('sha256', covered, fixedLength(halfOf(keys, 'author', 'ecdsa-p256'))),
  verify: (covered, signature, keys) =>
    verify('sha256', covered, fixedLength(halfOf(keys, 'author', 'ecdsa-p256')), signature),
});
