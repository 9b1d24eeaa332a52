import { expect, test } from 'vitest';
import { withoutDco } from '../../../src/topology/vpn/openvpn.ts';

test.each([
  ['OpenVPN 2.6.14 x86_64-pc-linux-gnu [SSL (OpenSSL)] [DCO]\nlibrary versions: OpenSSL 3.0.19', true],
  ['OpenVPN 2.7_beta1 x86_64-pc-linux-gnu', true],
  ['OpenVPN 2.10.1 x86_64-pc-linux-gnu', true],
  ['OpenVPN 3.0 x86_64-pc-linux-gnu', true],
  // Both end with "unrecognized option" where they are given it.
  ['OpenVPN 2.5.9 x86_64-pc-linux-gnu [SSL (OpenSSL)]', false],
  ['OpenVPN 2.4.12 x86_64-pc-linux-gnu', false],
])('%s: whether it is told to leave DCO alone', (version, told) => {
  expect(withoutDco(version)).toEqual(told ? ['--disable-dco'] : []);
});
