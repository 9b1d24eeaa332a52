import { constants, sign, verify, type KeyObject } from 'node:crypto';
import { halfOf } from '../keys.ts';
import { PROMISES } from '../promises.ts';
import { signed } from './appended.ts';

/** A salt as long as the hash, as TLS 1.3 has it (RFC 8446 §4.2.3). */
const pss = (key: KeyObject) => ({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });

export const rsaPss = signed({
  name: 'rsa-pss',
  id: 34,
  title: 'RSA-2048-PSS with SHA-256',
  sources: ['RFC 8017 §8.1'],
  promises: PROMISES.signature,
  needs: { author: 'rsa-2048' },
  checkBytes: 256,
  sign: (covered, keys) => sign('sha256', covered, pss(halfOf(keys, 'author', 'rsa-2048'))),
  verify: (covered, signature, keys) =>
    verify('sha256', covered, pss(halfOf(keys, 'author', 'rsa-2048')), signature),
});
