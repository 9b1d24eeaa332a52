import { hash } from 'node:crypto';
import { PROMISES } from '../promises.ts';
import { computed } from './appended.ts';

export const sha3With256 = computed({
  name: 'sha3-256',
  id: 19,
  title: 'SHA3-256',
  sources: ['FIPS 202'],
  promises: PROMISES.checksum,
  needs: {},
  checkBytes: 32,
  compute: (covered) => hash('sha3-256', covered, 'buffer'),
});
