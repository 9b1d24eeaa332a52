import { hash } from 'node:crypto';
import { PROMISES } from '../promises.ts';
import { computed } from './appended.ts';

export const sha256 = computed({
  name: 'sha256',
  id: 18,
  title: 'SHA-256',
  sources: ['FIPS 180-4'],
  promises: PROMISES.checksum,
  needs: {},
  checkBytes: 32,
  compute: (covered) => hash('sha256', covered, 'buffer'),
});
