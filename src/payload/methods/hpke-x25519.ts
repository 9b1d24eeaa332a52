import { PROMISES } from '../promises.ts';
import { hpke } from './hpke.ts';

/** Whoever knows the topic's public key can publish: a publisher holds no secret, and proves nothing. */
export const hpkeX25519 = hpke({
  name: 'hpke-x25519',
  id: 8,
  title: 'HPKE, X25519 with AES-128-GCM',
  sources: ['RFC 9180 §5.1.1', 'RFC 7748', 'RFC 5869'],
  promises: PROMISES.anonymous,
  mode: 'base',
});
