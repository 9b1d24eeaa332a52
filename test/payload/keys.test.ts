import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeySet } from '../../src/payload/generate.ts';
import { METHODS, methodNamed } from '../../src/payload/index.ts';
import { KeyRing, type PairType, type ProtectKeys } from '../../src/payload/keys.ts';
import type { Method } from '../../src/payload/method.ts';
import { ReplayState } from '../../src/payload/replay.ts';

const SENDER = 7;
const KEYED = METHODS.filter(
  ({ promises, needs }) => promises.authentication || needs.recipient !== undefined,
);
const SHARED = METHODS.filter(({ needs }) => needs.secretBytes !== undefined);
const SIGNED = METHODS.filter(({ needs }) => needs.author !== undefined);
const PAIRED = METHODS.filter(({ needs }) => needs.author !== undefined || needs.recipient !== undefined);

const protect = (method: Method, keys: ProtectKeys): Buffer =>
  method.protect('a/b', Buffer.from('on'), keys, 1);
const open = (method: Method, bytes: Buffer, ring: KeyRing) =>
  method.open('a/b', bytes, ring, new ReplayState());

it('only checksums do without keys', () => {
  expect(METHODS.filter((method) => !KEYED.includes(method)).map(({ name }) => name)).toEqual([
    'crc32',
    'md5',
    'sha256',
    'sha3-256',
  ]);
});

/** Two sets of keys with different ids; one pair in 65,535 has the same by chance. */
async function twoSets(method: Method): Promise<[KeySet, KeySet]> {
  const [one, other] = [
    await KeySet.generate(method.needs, [SENDER]),
    await KeySet.generate(method.needs, [SENDER]),
  ];
  return one.publisher(SENDER).keyId === other.publisher(SENDER).keyId ? twoSets(method) : [one, other];
}

describe.each(KEYED)('$name', (method) => {
  it('other keys are told, and so are other keys under the right id', async () => {
    const [own, other] = await twoSets(method);
    expect(open(method, protect(method, other.publisher(SENDER)), own.ring)).toEqual({
      verdict: 'wrong-key',
    });
    const disguised = { ...other.publisher(SENDER), keyId: own.publisher(SENDER).keyId };
    expect(open(method, protect(method, disguised), own.ring)).toEqual({
      verdict: method.promises.authentication ? 'authentication' : 'integrity',
    });
  });

  it('a ring opens what old and new keys protect', async () => {
    const [old, fresh] = await twoSets(method);
    const ring = new KeyRing([...old.ring.all, ...fresh.ring.all]);
    for (const keys of [old, fresh])
      expect(open(method, protect(method, keys.publisher(SENDER)), ring).verdict).toBe('genuine');
  });

  it('no keys at all are refused', () => {
    expect(() => protect(method, { keyId: 1, sender: SENDER })).toThrow(RangeError);
  });
});

describe.each(SHARED)('$name', (method) => {
  it('a secret of the wrong length is refused', () => {
    const bytes = method.needs.secretBytes ?? 0;
    const author =
      method.needs.author === undefined ? {} : { author: generateKeyPairSync('ed25519').privateKey };
    expect(() =>
      protect(method, { keyId: 1, sender: 1, ...author, secret: Buffer.alloc(bytes - 1) }),
    ).toThrow(`Expected a secret of ${bytes} bytes, got ${bytes - 1}`);
  });
});

describe.each(PAIRED)('$name', (method) => {
  it('a key of another kind is refused', async () => {
    const keys = (await KeySet.generate(method.needs, [SENDER])).publisher(SENDER);
    const role = method.needs.recipient === undefined ? 'author' : 'recipient';
    const wrong = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const key = role === 'author' ? wrong.privateKey : wrong.publicKey;
    expect(() => protect(method, { ...keys, [role]: key })).toThrow(
      new RegExp(`Expected a key of .* for the ${role}, got ec`),
    );
  });
});

describe.each(SIGNED)('$name', (method) => {
  it("one publisher's key does not serve under another's number", async () => {
    const keys = await KeySet.generate(method.needs, [SENDER, SENDER + 1]);
    expect(open(method, protect(method, keys.publisher(SENDER + 1)), keys.ring).verdict).toBe('genuine');
    const posing = { ...keys.publisher(SENDER + 1), sender: SENDER };
    expect(open(method, protect(method, posing), keys.ring).verdict).not.toBe('genuine');
    const withId = { ...posing, keyId: keys.publisher(SENDER).keyId };
    expect(open(method, protect(method, withId), keys.ring).verdict).toBe('authentication');
  });
});

it.each<[PairType, string]>([
  ['ecdsa-p256', 'ecdsa-p256'],
  ['rsa-2048', 'rsa-pss'],
])('a %s key of another size is not taken for it', async (_type, name) => {
  const method = methodNamed(name);
  const larger =
    name === 'rsa-pss'
      ? generateKeyPairSync('rsa', { modulusLength: 3072 })
      : generateKeyPairSync('ec', { namedCurve: 'P-384' });
  expect(() => protect(method, { keyId: 1, sender: 1, author: larger.privateKey })).toThrow(
    /Expected a key of (ecdsa-p256|rsa-2048)/,
  );
});
