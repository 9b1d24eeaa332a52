import { expect, test } from 'vitest';
import { MODE_NAMES } from '../../src/modes/index.ts';
import { nearestName } from '../../src/scenario/suggest.ts';

test.each([
  ['tsl13', 'tls13'],
  ['TLS13', 'tls13'],
  ['tls1.3', 'tls13'],
  ['tls13psk', 'tls13-psk'],
  ['plan', 'plain'],
  ['quic', undefined],
  ['x', undefined],
  ['', undefined],
])('%s is probably %s', (given, meant) => {
  expect(nearestName(given, MODE_NAMES)).toBe(meant);
});
