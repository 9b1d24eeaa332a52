import { sign, verify } from 'node:crypto';
import { halfOf } from '../keys.ts';
import { PROMISES } from '../promises.ts';
import { signed } from './appended.ts';

export const ed25519 = signed({
  name: 'ed25519',
  id: 33,
  title: 'Ed25519',
  sources: ['RFC 8032 §5.1'],
  promises: PROMISES.signature,
  needs: { author: 'ed25519' },
  checkBytes: 64,
  sign: (covered, keys) => sign(null, covered, halfOf(keys, 'author', 'ed25519')),
  verify: (covered, signature, keys) => verify(null, covered, halfOf(keys, 'author', 'ed25519'), signature),
});
