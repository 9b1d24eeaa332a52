import { createHmac } from 'node:crypto';
import { secretOf } from '../keys.ts';
import { PROMISES } from '../promises.ts';
import { computed } from './appended.ts';

export const hmacSha256 = computed({
  name: 'hmac-sha256',
  id: 24,
  title: 'HMAC-SHA-256',
  sources: ['RFC 2104', 'RFC 4231'],
  promises: PROMISES.mac,
  needs: { secretBytes: 32 },
  checkBytes: 32,
  compute: (covered, keys) => createHmac('sha256', secretOf(keys, 32)).update(covered).digest(),
});
