import { expect, it } from 'vitest';
import { ATTACK_NAMES, type AttackName } from '../../src/payload/attacks.ts';
import { keepsItsPromises, tryMethod } from '../../src/payload/trial.ts';
import { METHODS, methodNamed } from '../../src/payload/index.ts';
import type { Method } from '../../src/payload/method.ts';
import { PROPERTY_NAMES, type PropertyName } from '../../src/payload/properties.ts';
import { spoiled, SPOILED } from './spoiled.ts';

const FEW = { genuine: 50, attempts: 12, seed: 3 };

it.each(METHODS)('$name detects what it promises, all of it, and no more', async (method) => {
  const { genuine, falseAlarms, readable, attacks } = await tryMethod(method, FEW);
  expect({ genuine, falseAlarms }).toEqual({ genuine: FEW.genuine, falseAlarms: 0 });
  expect(readable > FEW.genuine / 2).toBe(!method.promises.confidentiality);
  for (const [name, { promised, attempts, detected }] of Object.entries(attacks))
    expect([name, attempts, detected]).toEqual([name, FEW.attempts, promised ? FEW.attempts : 0]);
});

/** What is said of the kinds of methods, once more and in words of its own. */
const NOT_DETECTED: Record<string, AttackName[]> = {
  crc32: ['renumbered', 'forged', 'forgedInside'],
  md5: ['renumbered', 'forged', 'forgedInside'],
  sha256: ['renumbered', 'forged', 'forgedInside'],
  'sha3-256': ['renumbered', 'forged', 'forgedInside'],
  'hmac-sha256': ['forgedInside'],
  'aes-cmac': ['forgedInside'],
  'ecdsa-p256': [],
  ed25519: [],
  'rsa-pss': [],
  'aes-128-gcm': ['forgedInside'],
  'aes-256-gcm': ['forgedInside'],
  'chacha20-poly1305': ['forgedInside'],
  'aes-128-cbc-hmac-sha256': ['forgedInside'],
  'hpke-x25519': ['forged', 'forgedInside'],
  'hpke-auth-x25519': ['forgedInside'],
  'rsa-oaep': ['forged', 'forgedInside'],
  'ed25519-aes-128-gcm': [],
  'ed25519-hpke-x25519': [],
};

it.each(METHODS)('$name: what is not detected', async (method) => {
  const { attacks } = await tryMethod(method, { genuine: 1, attempts: 3, seed: 1 });
  expect(ATTACK_NAMES.filter((name) => attacks[name]?.detected === 0)).toEqual(NOT_DETECTED[method.name]);
});

/** What follows of it, in words of its own as well. */
const FOUND: Record<string, PropertyName[]> = {
  crc32: ['integrity'],
  md5: ['integrity'],
  sha256: ['integrity'],
  'sha3-256': ['integrity'],
  'hmac-sha256': ['integrity', 'authentication'],
  'aes-cmac': ['integrity', 'authentication'],
  'ecdsa-p256': ['integrity', 'authentication', 'nonRepudiation'],
  ed25519: ['integrity', 'authentication', 'nonRepudiation'],
  'rsa-pss': ['integrity', 'authentication', 'nonRepudiation'],
  'aes-128-gcm': ['integrity', 'authentication'],
  'aes-256-gcm': ['integrity', 'authentication'],
  'chacha20-poly1305': ['integrity', 'authentication'],
  'aes-128-cbc-hmac-sha256': ['integrity', 'authentication'],
  'hpke-x25519': ['integrity'],
  'hpke-auth-x25519': ['integrity', 'authentication'],
  'rsa-oaep': ['integrity'],
  'ed25519-aes-128-gcm': ['integrity', 'authentication', 'nonRepudiation'],
  'ed25519-hpke-x25519': ['integrity', 'authentication', 'nonRepudiation'],
};

it.each(METHODS)('$name: integrity, authentication and non-repudiation are as found', async (method) => {
  const { properties } = await tryMethod(method, { genuine: 1, attempts: 3, seed: 4 });
  expect(PROPERTY_NAMES.filter((name) => properties[name].found)).toEqual(FOUND[method.name]);
  for (const { promised, found } of Object.values(properties)) expect(promised).toBe(found);
});

it.each<[string, Method]>([
  [
    'promises more than it keeps',
    spoiled('crc32', { promises: { ...methodNamed('crc32').promises, authentication: true } }),
  ],
  [
    'remembers nothing',
    spoiled('aes-128-gcm', {
      open: (topic, bytes, keys) =>
        methodNamed('aes-128-gcm').open(topic, bytes, keys, { accept: () => true } as never),
    }),
  ],
  ['leaves the topic out', SPOILED.withoutTopic],
  [
    'refuses what is genuine now and then',
    spoiled('sha256', {
      open: (topic, bytes, keys, state) =>
        bytes.length % 16 === 0
          ? { verdict: 'integrity' }
          : methodNamed('sha256').open(topic, bytes, keys, state),
    }),
  ],
])('a method that %s is found out', async (_name, method) => {
  expect(keepsItsPromises(await tryMethod(method, { genuine: 100, attempts: 20, seed: 2 }))).toBe(false);
});

it.each<[keyof typeof SPOILED, PropertyName[]]>([
  ['withoutTopic', ['authentication']],
  ['anyKey', ['integrity']],
  ['boastful', ['integrity', 'authentication']],
])(
  'what a spoiled method is found to give is what it gives, whatever it promises: %s',
  async (name, given) => {
    const { properties } = await tryMethod(SPOILED[name], { genuine: 1, attempts: 5, seed: 5 });
    expect(PROPERTY_NAMES.filter((each) => properties[each].found)).toEqual(given);
  },
);
