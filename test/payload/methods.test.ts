import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { HEADER_BYTES, MAX_METHOD_ID, MAX_SEQUENCE } from '../../src/payload/envelope.ts';
import { KeySet } from '../../src/payload/generate.ts';
import { METHODS, methodNamed } from '../../src/payload/index.ts';
import type { KeyRing, ProtectKeys } from '../../src/payload/keys.ts';
import { ReplayState } from '../../src/payload/replay.ts';

const SENDER = 7;

/** Keys are dear to make, RSA's above all: one set for each method. */
const sets = new Map<string, KeySet>();
beforeAll(async () => {
  for (const { name, needs } of METHODS) sets.set(name, await KeySet.generate(needs, [SENDER]));
});

function keysOf(name: string): { publisher: ProtectKeys; ring: KeyRing } {
  const set = sets.get(name);
  if (set === undefined) throw new Error(`no keys for ${name}`);
  return { publisher: set.publisher(SENDER), ring: set.ring };
}

/** MQTT topic names, not empty and without wildcards; in UTF-8, which has no lone surrogates. */
const topics = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((text) => `t/${text}`);
const payloads = fc.uint8Array({ maxLength: 600 });
const sequences = fc.integer({ min: 0, max: MAX_SEQUENCE });
/** What RSA costs sets how many there are. */
const runs = { numRuns: 25 };

it('names and ids are each method’s own, and fit the wire', () => {
  expect(new Set(METHODS.map(({ name }) => name)).size).toBe(METHODS.length);
  expect(new Set(METHODS.map(({ id }) => id)).size).toBe(METHODS.length);
  for (const { id } of METHODS) {
    expect(id).toBeGreaterThan(0);
    expect(id).toBeLessThanOrEqual(MAX_METHOD_ID);
  }
});

it('ids on the wire never change', () => {
  expect(Object.fromEntries(METHODS.map(({ name, id }) => [name, id]))).toMatchInlineSnapshot(`
    {
      "aes-128-cbc-hmac-sha256": 4,
      "aes-128-gcm": 1,
      "aes-256-gcm": 2,
      "aes-cmac": 25,
      "chacha20-poly1305": 3,
      "crc32": 16,
      "ecdsa-p256": 32,
      "ed25519": 33,
      "ed25519-aes-128-gcm": 48,
      "ed25519-hpke-x25519": 49,
      "hmac-sha256": 24,
      "hpke-auth-x25519": 9,
      "hpke-x25519": 8,
      "md5": 17,
      "rsa-oaep": 10,
      "rsa-pss": 34,
      "sha256": 18,
      "sha3-256": 19,
    }
  `);
});

describe.each(METHODS)('$name', (method) => {
  it('what is protected is opened again, and is as long as it says', () => {
    const { publisher, ring } = keysOf(method.name);
    fc.assert(
      fc.property(topics, payloads, sequences, (topic, payload, sequence) => {
        const bytes = method.protect(topic, payload, publisher, sequence);
        expect(bytes.length).toBe(payload.length + method.addedBytes(payload.length));
        expect(method.open(topic, bytes, ring, new ReplayState())).toEqual({
          verdict: 'genuine',
          payload: Buffer.from(payload),
          sender: SENDER,
          sequence,
        });
      }),
      runs,
    );
  });

  it('any flipped bit is told', () => {
    const { publisher, ring } = keysOf(method.name);
    fc.assert(
      fc.property(
        topics,
        payloads,
        sequences,
        fc.nat(),
        fc.nat(7),
        (topic, payload, sequence, place, bit) => {
          const bytes = method.protect(topic, payload, publisher, sequence);
          const at = place % bytes.length;
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
          expect(method.open(topic, bytes, ring, new ReplayState()).verdict).not.toBe('genuine');
        },
      ),
      runs,
    );
  });

  it('every bit of the header is covered', () => {
    const { publisher, ring } = keysOf(method.name);
    const bytes = method.protect('a/b', Buffer.from('payload'), publisher, 77);
    for (let at = 0; at < 8 * HEADER_BYTES; at++) {
      const changed = Buffer.from(bytes);
      const byte = Math.floor(at / 8);
      changed[byte] = (changed[byte] ?? 0) ^ (1 << (at % 8));
      expect(method.open('a/b', changed, ring, new ReplayState()).verdict).not.toBe('genuine');
    }
  });

  it('another topic is told', () => {
    const { publisher, ring } = keysOf(method.name);
    fc.assert(
      fc.property(topics, topics, payloads, sequences, (topic, other, payload, sequence) => {
        fc.pre(topic !== other);
        const bytes = method.protect(topic, payload, publisher, sequence);
        const failure = method.promises.authentication ? 'authentication' : 'integrity';
        expect(method.open(other, bytes, ring, new ReplayState())).toEqual({ verdict: failure });
      }),
      runs,
    );
  });

  it('bytes may not move from topic to payload', () => {
    const { publisher, ring } = keysOf(method.name);
    const bytes = method.protect('a/bc', Buffer.from('d'), publisher, 1);
    const moved = Buffer.concat([
      bytes.subarray(0, HEADER_BYTES),
      Buffer.from('c'),
      bytes.subarray(HEADER_BYTES),
    ]);
    expect(method.open('a/b', moved, ring, new ReplayState()).verdict).not.toBe('genuine');
  });

  it('whatever bytes come, it says what is wrong with them and does not throw', () => {
    const { publisher, ring } = keysOf(method.name);
    const bytes = method.protect('a/b', Buffer.from('payload'), publisher, 77);
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      expect(method.open('a/b', cut, ring, new ReplayState()).verdict).not.toBe('genuine');
    }
    expect(
      method.open('a/b', Buffer.concat([bytes, Buffer.of(0)]), ring, new ReplayState()).verdict,
    ).not.toBe('genuine');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const framed = Buffer.concat([bytes.subarray(0, HEADER_BYTES), noise]);
        expect(method.open('a/b', noise, ring, new ReplayState()).verdict).not.toBe('genuine');
        expect(method.open('a/b', framed, ring, new ReplayState()).verdict).not.toBe('genuine');
      }),
      runs,
    );
  });

  it('a message that comes again is replayed, and a failed one leaves no trace', () => {
    const { publisher, ring } = keysOf(method.name);
    const state = new ReplayState();
    const bytes = method.protect('a/b', Buffer.from('on'), publisher, 5);
    const tampered = Buffer.from(bytes);
    tampered[HEADER_BYTES] = (tampered[HEADER_BYTES] ?? 0) ^ 1;
    expect(method.open('a/b', tampered, ring, state).verdict).not.toBe('genuine');
    expect(method.open('a/b', bytes, ring, state).verdict).toBe('genuine');
    expect(method.open('a/b', bytes, ring, state)).toEqual({ verdict: 'replayed' });
    expect(method.open('a/b', bytes, ring, new ReplayState()).verdict).toBe('genuine');
  });

  it('its payload is hidden where it says so, and stands in clear where it does not', () => {
    const { publisher } = keysOf(method.name);
    const payload = Buffer.from('a payload that nobody would find by chance');
    expect(method.protect('a/b', payload, publisher, 1).includes(payload)).toBe(
      !method.promises.confidentiality,
    );
  });

  it.each([-1, 0.5, MAX_SEQUENCE + 1, Number.NaN])('a sequence of %s is refused', (sequence) => {
    const { publisher } = keysOf(method.name);
    expect(() => method.protect('a/b', Buffer.alloc(1), publisher, sequence)).toThrow(/sequence number/);
  });
});

it('a topic must be one that MQTT can have', () => {
  const method = methodNamed('crc32');
  const { publisher } = keysOf('crc32');
  expect(() => method.protect('', Buffer.alloc(1), publisher, 1)).toThrow(/topic of 1 to 65535 bytes, got 0/);
  expect(() => method.protect('é'.repeat(32_768), Buffer.alloc(1), publisher, 1)).toThrow(/got 65536/);
  expect(() => method.protect('a', Buffer.alloc(1), { ...publisher, sender: 65_536 }, 1)).toThrow(/sender/);
});

it('a method that there is not is refused by name', () => {
  expect(() => methodNamed('rot13')).toThrow(/Expected one of crc32, .*, got 'rot13'/);
});
