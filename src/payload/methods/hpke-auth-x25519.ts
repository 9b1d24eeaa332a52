import { PROMISES } from '../promises.ts';
import { hpke } from './hpke.ts';

/** The publisher's key pair takes part in the agreement. Who can open can also forge (RFC 9180 §9.1.1), so it is no signature. */
export const hpkeAuthX25519 = hpke({
  name: 'hpke-auth-x25519',
  id: 9,
  title: 'HPKE of a known sender, X25519 with AES-128-GCM',
  sources: ['RFC 9180 §5.1.3', 'RFC 7748', 'RFC 5869'],
  promises: PROMISES.sealed,
  mode: 'auth',
});
