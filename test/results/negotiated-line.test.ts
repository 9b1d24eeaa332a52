import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { negotiatedLine, parseNegotiatedLine } from '../../src/results/negotiated-line.ts';

test('a line says in words what was negotiated', () => {
  const nothing = { resumed: false, psk: false, brokerVerified: false, clientVerified: false };
  expect(negotiatedLine(nothing)).toBe('no TLS');
  expect(
    negotiatedLine({
      ...nothing,
      protocol: 'TLSv1.3',
      suite: 'TLS_AES_128_GCM_SHA256',
      group: 'X25519',
      brokerVerified: true,
      clientVerified: true,
    }),
  ).toBe('TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, broker verified, client verified');
});

test('and is read back the same', () => {
  const line = fc.record(
    {
      protocol: fc.constantFrom('TLSv1.2', 'TLSv1.3'),
      suite: fc.constantFrom('TLS_AES_128_GCM_SHA256', 'TLS_PSK_WITH_AES_128_CCM_8'),
      group: fc.constantFrom('X25519', 'P-256', 'SecP256r1MLKEM768'),
      resumed: fc.boolean(),
      psk: fc.boolean(),
      brokerVerified: fc.boolean(),
      clientVerified: fc.boolean(),
    },
    { requiredKeys: ['resumed', 'psk', 'brokerVerified', 'clientVerified'] },
  );
  fc.assert(
    fc.property(line, (parts) => {
      expect(parseNegotiatedLine(negotiatedLine(parts))).toEqual(parts);
    }),
  );
});
