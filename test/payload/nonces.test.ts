import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { HEADER_BYTES, MAX_SEQUENCE, nonceOf } from '../../src/payload/envelope.ts';
import { KeySet } from '../../src/payload/generate.ts';
import { METHODS, methodNamed } from '../../src/payload/index.ts';
import { MAX_SENDER } from '../../src/payload/keys.ts';
import { Sender } from '../../src/payload/sender.ts';

/** The header of a real message. */
async function headers(): Promise<(sender: number, sequence: number) => Buffer> {
  const method = methodNamed('crc32');
  const keys = (await KeySet.generate(method.needs, [])).publisher(0);
  return (sender, sequence) =>
    method.protect('a', Buffer.alloc(0), { ...keys, sender }, sequence).subarray(0, HEADER_BYTES);
}

it('two pairs of sender and sequence never give the same nonce', async () => {
  const headerOf = await headers();
  const pair = fc.tuple(fc.nat(MAX_SENDER), fc.integer({ min: 0, max: MAX_SEQUENCE }));
  const nonce = ([sender, sequence]: [number, number]): string =>
    nonceOf({ header: headerOf(sender, sequence), topic: Buffer.alloc(0) }).toString('hex');
  fc.assert(
    fc.property(pair, pair, (one, other) => {
      const same = one[0] === other[0] && one[1] === other[1];
      expect(nonce(one) === nonce(other)).toBe(same);
    }),
    {
      numRuns: 1000,
      examples: [
        [
          [1, 0],
          [0, 2 ** 40],
        ],
        [
          [0, 1],
          [1, 0],
        ],
        [
          [2, 5],
          [2, 5],
        ],
      ],
    },
  );
});

it('publishers that share a secret, over topics that share it too, use no nonce twice', async () => {
  const method = methodNamed('aes-128-gcm');
  const keys = await KeySet.generate(method.needs, []);
  const nonces = new Set<string>();
  let messages = 0;
  for (const publisher of [1, 2, 65_535]) {
    const sender = new Sender(method);
    for (let message = 0; message < 2000; message++, messages++) {
      const topic = `plant/${message % 3}`;
      const header = sender
        .protect(topic, Buffer.alloc(8), keys.publisher(publisher))
        .subarray(0, HEADER_BYTES);
      nonces.add(nonceOf({ header, topic: Buffer.from(topic) }).toString('hex'));
    }
  }
  expect(nonces.size).toBe(messages);
});

it.each(METHODS.filter(({ promises }) => promises.confidentiality))(
  '$name: the same payload is never the same bytes',
  async (method) => {
    const keys = (await KeySet.generate(method.needs, [1])).publisher(1);
    const sender = new Sender(method);
    const bodies = Array.from({ length: 20 }, () =>
      sender.protect('a', Buffer.alloc(64), keys).subarray(HEADER_BYTES).toString('hex'),
    );
    expect(new Set(bodies).size).toBe(bodies.length);
  },
);

it('a sender that restarts goes on where it is told, and stops at the last number', async () => {
  const method = methodNamed('aes-cmac');
  const keys = await KeySet.generate(method.needs, []);
  const sender = new Sender(method, MAX_SEQUENCE);
  const bytes = sender.protect('a', Buffer.from('last'), keys.publisher(1));
  expect(bytes.subarray(5, HEADER_BYTES)).toEqual(Buffer.alloc(6, 0xff));
  expect(() => sender.protect('a', Buffer.from('more'), keys.publisher(1))).toThrow(/make new keys/);
});
