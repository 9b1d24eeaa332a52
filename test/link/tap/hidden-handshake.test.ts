import { expect, test } from 'vitest';
import { HiddenHandshake } from '../../../src/link/tap/hidden-handshake.ts';

/** A record's fragment holds the content, its true type and a tag. */
const TAG_AND_TYPE = 17;
const FINISHED = 36;

/** What the client's records of so many bytes of content are taken for, under a suite of SHA-256. */
function told(...contents: number[]): string[] {
  const hidden = new HiddenHandshake('TLS_AES_128_GCM_SHA256');
  return contents.map((content) => hidden.tell('client', content + TAG_AND_TYPE));
}

test.each([
  ['Finished alone', [FINISHED, 30], ['handshake', 'application_data']],
  ['an empty Certificate first', [8, FINISHED, 30], ['handshake', 'handshake', 'application_data']],
  [
    'Certificate, CertificateVerify and Finished in records of their own, as OpenSSL sends them',
    [476, 79, FINISHED, 30],
    ['handshake', 'handshake', 'handshake', 'application_data'],
  ],
  ['a CertificateVerify of Ed25519, the shortest', [300, 72, FINISHED], Array(3).fill('handshake')],
  [
    'all three in one record, as BoringSSL and rustls send them',
    [591, 30],
    ['handshake', 'application_data'],
  ],
  ['a CONNECT as long as Finished after one record', [591, FINISHED], ['handshake', 'application_data']],
  ['an alert', [2], ['alert']],
])('the client: %s', (_, contents, what) => {
  expect(told(...contents)).toEqual(what);
});

test('the broker: tickets after the client is done are handshake, CONNACK is not', () => {
  const hidden = new HiddenHandshake('TLS_AES_128_GCM_SHA256');
  const broker = (content: number): string => hidden.tell('broker', content + TAG_AND_TYPE);
  expect(broker(4)).toBe('handshake');
  hidden.tell('client', 591 + TAG_AND_TYPE);
  hidden.tell('client', 30 + TAG_AND_TYPE);
  expect([broker(249), broker(249), broker(4)]).toEqual(['handshake', 'handshake', 'application_data']);
});
