import { expect, test } from 'vitest';
import { activityOf, messageExchange, pingExchange } from '../../src/model/exchange.ts';
import { recordBytes, suiteNamed } from '../../src/modes/suites.ts';

const LINK = { upMs: 400, downMs: 420, rateUpKbit: 80, rateDownKbit: 8 };
const plain = (bytes: number): number => bytes;

test('a message and its acknowledgements, by hand: headers of 52 bytes a packet, TCP’s last acknowledgement with them', () => {
  const message = (qos: 0 | 1 | 2) => activityOf(messageExchange(100, qos, plain), LINK);
  // PUBLISH up, an acknowledgement of TCP down.
  expect(message(0)).toEqual({
    seconds: expect.closeTo(0.82 + 0.0152 + 0.052, 9),
    bytesUp: 152,
    bytesDown: 52,
  });
  // PUBLISH and an acknowledgement of TCP up, PUBACK down.
  expect(message(1)).toMatchObject({ bytesUp: 204, bytesDown: 56 });
  // PUBLISH, PUBREL, an acknowledgement; PUBREC, PUBCOMP; two round trips.
  expect(message(2)).toEqual({
    seconds: expect.closeTo(1.64 + (260 * 8) / 80_000 + (112 * 8) / 8000, 9),
    bytesUp: 260,
    bytesDown: 112,
  });
  expect(activityOf(pingExchange(plain), LINK)).toMatchObject({ bytesUp: 54 + 52, bytesDown: 54 });
});

test.each([
  ['TLS_AES_128_GCM_SHA256', 4, 5 + 4 + 1 + 16],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 4, 5 + 8 + 4 + 16],
  ['TLS_PSK_WITH_AES_128_CCM_8', 4, 5 + 8 + 4 + 8],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 4, 5 + 4 + 16],
  // 4 and a MAC of 32 in three blocks with their padding, and an IV.
  ['TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256', 4, 5 + 16 + 48],
])('a record of %s with %d bytes is %d on the wire', (suite, content, bytes) => {
  expect(recordBytes(content, suiteNamed(suite))).toBe(bytes);
});
