import { expect, test } from 'vitest';
import { modeNamed } from '../../../src/modes/index.ts';
import { haproxyHop } from '../../../src/topology/hop/haproxy.ts';
import { nginxHop } from '../../../src/topology/hop/nginx.ts';
import { stunnelHop } from '../../../src/topology/hop/stunnel.ts';

test.each([haproxyHop, nginxHop])(
  '$name dials TLS 1.3 in no group that would cost a HelloRetryRequest',
  (hop) => {
    for (const mode of ['tls13+group=P-384', 'tls13-p256', 'mtls13+group=X448', 'tls13-hrr'])
      expect(hop.cannotDial(modeNamed(mode))).toMatch(/would offer X25519, not (P-|X448)/);
    // In TLS 1.2 the broker chooses a group before there is a key share.
    for (const mode of ['tls13', 'mtls13', 'tls12', 'tls12+group=P-384'])
      expect(hop.cannotDial(modeNamed(mode))).toBeUndefined();
  },
);

test('stunnel is told the group', () => {
  expect(stunnelHop.cannotDial(modeNamed('tls13+group=P-384'))).toBeUndefined();
});
