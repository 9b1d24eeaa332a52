import { secretOf } from '../keys.ts';
import { aesCmac as cmac } from '../primitives/cmac.ts';
import { PROMISES } from '../promises.ts';
import { computed } from './appended.ts';

export const aesCmac = computed({
  name: 'aes-cmac',
  id: 25,
  title: 'AES-128-CMAC',
  sources: ['RFC 4493', 'NIST SP 800-38B'],
  promises: PROMISES.mac,
  needs: { secretBytes: 16 },
  checkBytes: 16,
  compute: (covered, keys) => cmac(secretOf(keys, 16), covered),
});
