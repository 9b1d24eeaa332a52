import { expect, it } from 'vitest';
import { ATTACK_NAMES, keepsItsPromises, tryMethod, type AttackName } from '../../src/payload/attacks.ts';
import { METHODS, methodNamed } from '../../src/payload/index.ts';
import type { Method } from '../../src/payload/method.ts';

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

/** A method that is wrong in one way; what is tried for real must find out. */
function spoiled(name: string, change: Partial<Method>): Method {
  return { ...methodNamed(name), ...change };
}

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
  [
    'leaves the topic out',
    spoiled('hmac-sha256', {
      protect: (_topic, payload, keys, sequence) =>
        methodNamed('hmac-sha256').protect('any', payload, keys, sequence),
      open: (_topic, bytes, keys, state) => methodNamed('hmac-sha256').open('any', bytes, keys, state),
    }),
  ],
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
