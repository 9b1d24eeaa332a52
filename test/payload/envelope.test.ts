import { createHmac, createPublicKey, verify, webcrypto } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { KeySet } from '../../src/payload/generate.ts';
import { methodNamed } from '../../src/payload/index.ts';
import { KeyRing } from '../../src/payload/keys.ts';
import { ReplayState } from '../../src/payload/replay.ts';

const TOPIC = 'plant/é';
const PAYLOAD = Buffer.from('21.5');
/** 0x0102, and 0x030405060708 of 48 bits. */
const [SENDER, SEQUENCE] = [258, 3_315_799_033_608];
const SEQUENCE_HEX = '030405060708';
/** Length in two bytes, then UTF-8. */
const TOPIC_WITH_LENGTH = Buffer.from('0008706c616e742fc3a9', 'hex');

/** The header as the format says, by hand: version 1 in the two upper bits of the first byte. */
function headerOf(id: number, keyId: number): Buffer {
  const first = (0b01_000000 + id).toString(16).padStart(2, '0');
  return Buffer.from(`${first}${keyId.toString(16).padStart(4, '0')}0102${SEQUENCE_HEX}`, 'hex');
}

it('a checksum: header, payload in clear, CRC-32 of header, topic with its length, and payload', async () => {
  const method = methodNamed('crc32');
  const keys = (await KeySet.generate(method.needs, [])).publisher(SENDER);
  const header = headerOf(16, 0);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(Buffer.concat([header, TOPIC_WITH_LENGTH, PAYLOAD])));
  expect(method.protect(TOPIC, PAYLOAD, keys, SEQUENCE)).toEqual(Buffer.concat([header, PAYLOAD, check]));
});

it('a MAC: the same under the secret', async () => {
  const method = methodNamed('hmac-sha256');
  const { secret = Buffer.alloc(0), ...keys } = (await KeySet.generate(method.needs, [])).publisher(SENDER);
  const header = headerOf(24, keys.keyId);
  const mac = createHmac('sha256', secret).update(header).update(TOPIC_WITH_LENGTH).update(PAYLOAD).digest();
  expect(method.protect(TOPIC, PAYLOAD, { ...keys, secret }, SEQUENCE)).toEqual(
    Buffer.concat([header, PAYLOAD, mac]),
  );
});

it('a signature can be checked by whoever has the public key', async () => {
  const method = methodNamed('ed25519');
  const keys = (await KeySet.generate(method.needs, [SENDER])).publisher(SENDER);
  const bytes = method.protect(TOPIC, PAYLOAD, keys, SEQUENCE);
  const header = headerOf(33, keys.keyId);
  expect(bytes.subarray(0, -64)).toEqual(Buffer.concat([header, PAYLOAD]));
  if (keys.author === undefined) throw new Error('no key');
  const signed = Buffer.concat([header, TOPIC_WITH_LENGTH, PAYLOAD]);
  expect(verify(null, signed, createPublicKey(keys.author), bytes.subarray(-64))).toBe(true);
});

it('an AEAD: another implementation opens it, with the nonce 00000000, sender, sequence and header and topic beside', async () => {
  const method = methodNamed('aes-256-gcm');
  const { secret = Buffer.alloc(0), ...keys } = (await KeySet.generate(method.needs, [])).publisher(SENDER);
  const bytes = method.protect(TOPIC, PAYLOAD, { ...keys, secret }, SEQUENCE);
  const header = headerOf(2, keys.keyId);
  expect(bytes.subarray(0, 11)).toEqual(header);
  const key = await webcrypto.subtle.importKey('raw', Uint8Array.from(secret), 'AES-GCM', false, ['decrypt']);
  const opened = await webcrypto.subtle.decrypt(
    {
      name: 'AES-GCM',
      iv: Uint8Array.from(Buffer.from(`000000000102${SEQUENCE_HEX}`, 'hex')),
      additionalData: Uint8Array.from(Buffer.concat([header, Buffer.from(TOPIC)])),
    },
    key,
    Uint8Array.from(bytes.subarray(11)),
  );
  expect(Buffer.from(opened)).toEqual(PAYLOAD);
});

it('what is of another version or method is malformed, what names unknown keys is of a wrong key', async () => {
  const method = methodNamed('aes-cmac');
  const keys = await KeySet.generate(method.needs, []);
  const bytes = method.protect(TOPIC, PAYLOAD, keys.publisher(SENDER), SEQUENCE);
  const open = (changed: Buffer, ring = keys.ring) => method.open(TOPIC, changed, ring, new ReplayState());
  expect(open(bytes).verdict).toBe('genuine');
  expect(open(bytes, new KeyRing([]))).toEqual({ verdict: 'wrong-key' });
  const first = bytes[0] ?? 0;
  for (const other of [first ^ 0b1100_0000, first ^ 1])
    expect(open(Buffer.concat([Buffer.of(other), bytes.subarray(1)]))).toEqual({ verdict: 'malformed' });
  expect(open(bytes.subarray(0, 11 + 15))).toEqual({ verdict: 'malformed' });
  expect(open(Buffer.alloc(0))).toEqual({ verdict: 'malformed' });
});
