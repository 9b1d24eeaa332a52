import { expect, test } from 'vitest';
import { SUITES } from '../../src/modes/suites.ts';
import { protectionOf, trafficKeys } from '../../src/trace/record-keys.ts';

test('keys of TLS 1.3 are those of RFC 8448 §3', () => {
  const secret = Buffer.from('b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38', 'hex');
  const protection = protectionOf('TLS_AES_128_GCM_SHA256');
  if (protection === undefined) throw new Error('The suite is not known');
  const { key, iv } = trafficKeys(secret, protection);
  expect(key.toString('hex')).toBe('3fce516009c21727d0f2e4e86ee403bc');
  expect(iv.toString('hex')).toBe('5d313eb2671276ee13000b30');
});

test('every suite of the modes is known', () => {
  expect(SUITES.filter(({ name }) => protectionOf(name) === undefined)).toEqual([]);
});

test.each(['0xc0ff', 'TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_NULL_SHA256'])('%s is not', (suite) => {
  expect(protectionOf(suite)).toBeUndefined();
});
