import { hash } from 'node:crypto';
import { PROMISES } from '../promises.ts';
import { computed } from './appended.ts';

/** Collisions can be made by the dozen (RFC 6151); here anybody can compute it anyway. */
export const md5 = computed({
  name: 'md5',
  id: 17,
  title: 'MD5',
  sources: ['RFC 1321', 'RFC 6151'],
  promises: PROMISES.checksum,
  needs: {},
  checkBytes: 16,
  compute: (covered) => hash('md5', covered, 'buffer'),
});
