import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyTypeOf } from '../../src/micro/key-type.ts';
import { AEADS, Seal } from '../../src/micro/records.ts';
import { KEY_TYPES } from '../../src/pki/needs.ts';

test.each(AEADS)('$name: what is sealed is opened again, and nothing else is', (aead) => {
  const seal = new Seal(aead, randomBytes(aead.keyBytes));
  const payload = randomBytes(1000);
  expect(seal.there(payload)).toEqual(payload);
  const { sealed, tag } = seal.seal(payload);
  expect(tag).toHaveLength(aead.tagBytes);
  expect(sealed).toHaveLength(payload.length);
  expect(sealed).not.toEqual(payload);
  const tampered = Buffer.from(sealed);
  tampered[0] = (tampered[0] ?? 0) ^ 1;
  expect(() => seal.open(tampered, tag)).toThrow(/auth/i);
});

test('no nonce serves twice', () => {
  const [aead] = AEADS;
  if (aead === undefined) throw new Error('no suite');
  const seal = new Seal(aead, randomBytes(aead.keyBytes));
  const payload = Buffer.alloc(64);
  const seen = new Set<string>();
  for (let record = 0; record < 100; record++) {
    seal.there(payload);
    seen.add(seal.seal(payload).sealed.toString('hex'));
  }
  expect(seen.size).toBe(100);
});

test('AES-GCM seals what another implementation of it opens', async () => {
  const aead = AEADS.find(({ name }) => name === 'AES_256_GCM');
  if (aead === undefined) throw new Error('no suite');
  const key = randomBytes(32);
  const { sealed, tag } = new Seal(aead, key).seal(Buffer.from('a payload'));
  const imported = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  const opened = await webcrypto.subtle.decrypt(
    { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: new Uint8Array(5).fill(0x17) },
    imported,
    Buffer.concat([sealed, tag]),
  );
  expect(Buffer.from(opened).toString()).toBe('a payload');
});

test('keys are named as the axis `key` names them', () => {
  const made = {
    'ecdsa-p256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    'ecdsa-p384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    'rsa-2048': generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ed25519: generateKeyPairSync('ed25519'),
    'ml-dsa-44': generateKeyPairSync('ml-dsa-44'),
    'ml-dsa-65': generateKeyPairSync('ml-dsa-65'),
  };
  for (const [name, { publicKey }] of Object.entries(made)) {
    expect(keyTypeOf(publicKey)).toBe(name);
    expect(KEY_TYPES).toContain(name);
  }
});
