import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeySet } from '../../src/payload/generate.ts';
import { METHODS } from '../../src/payload/index.ts';
import { ReplayState } from '../../src/payload/replay.ts';
import { Sender } from '../../src/payload/sender.ts';
import { Tally, type Injected } from '../../src/payload/tally.ts';
import { digestOf, Tamperer, TAMPERINGS, type Message, type Tampering } from '../../src/payload/tampering.ts';

const MESSAGES = 400;
const otherTopic = (topic: string): string => (topic === 'a' ? 'b' : 'a');

/** With one bit flipped it is no other message's. */
const textOf = (number: number): string => `message ${number}, ${number}`;

function passing(seed: number, share: number): Message[] {
  const tamperer = new Tamperer({ share, seed, otherTopic });
  return Array.from({ length: MESSAGES }, (_, number) =>
    tamperer.pass({ topic: number % 2 === 0 ? 'a' : 'b', bytes: Buffer.from(textOf(number)) }),
  );
}

/** How the altered ones of messages should have been: each way in turn; of a topic that nothing passed for, nothing can be replayed. */
function inTurn(messages: readonly Message[]): (Tampering | undefined)[] {
  const passed = new Set<number>();
  let altered = 0;
  return messages.flatMap(({ tampering }, number) => {
    if (tampering === undefined) {
      passed.add(number % 2);
      return [];
    }
    const next = TAMPERINGS[altered++ % TAMPERINGS.length];
    return [next === 'replayed' && !passed.has(number % 2) ? 'flippedBit' : next];
  });
}

test('about the asked share is altered, each way as often, by the seed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      fc.double({ min: 0.05, max: 0.5, noNaN: true }),
      (seed, share) => {
        const messages = passing(seed, share);
        expect(passing(seed, share)).toEqual(messages);
        const altered = messages.filter(({ tampering }) => tampering !== undefined);
        // Five standard deviations of a binomial distribution.
        const spread = 5 * Math.sqrt(MESSAGES * share * (1 - share));
        expect(Math.abs(altered.length - MESSAGES * share)).toBeLessThan(spread);
        expect(altered.map(({ tampering }) => tampering)).toEqual(inTurn(messages));
      },
    ),
    { numRuns: 30 },
  );
});

test('a share of nothing alters nothing', () => {
  expect(passing(1, 0).filter(({ tampering }) => tampering !== undefined)).toEqual([]);
});

test('what is altered is another message, an earlier one, or elsewhere', () => {
  const texts = Array.from({ length: MESSAGES }, (_, number) => textOf(number));
  const found = passing(5, 0.5).map(({ topic, bytes, tampering = 'none' }, number) => {
    const [text, sent] = [bytes.toString('latin1'), texts[number]];
    const own = number % 2 === 0 ? 'a' : 'b';
    const what = text === sent ? 'itself' : texts.slice(0, number).includes(text) ? 'earlier' : 'another';
    return `${tampering}: ${what} ${topic === own ? 'in its place' : 'elsewhere'}`;
  });
  expect(new Set(found)).toEqual(
    new Set([
      'none: itself in its place',
      'flippedBit: another in its place',
      'otherTopic: itself elsewhere',
      'replayed: earlier in its place',
    ]),
  );
});

/** Shows messages of one publisher on two topics to some receivers, each of whom guards against replay by itself. */
async function show(method: (typeof METHODS)[number], receivers: number) {
  const sets = new Map(
    await Promise.all(
      ['a', 'b'].map(async (topic) => [topic, await KeySet.generate(method.needs, [1])] as const),
    ),
  );
  const tamperer = new Tamperer({ share: 0.3, seed: 7, otherTopic });
  const sender = new Sender(method);
  const tally = new Tally({ watch: true });
  const states = Array.from({ length: receivers }, () => new ReplayState());
  const injected: Injected[] = [];
  let genuine = 0;
  for (let number = 0; number < 200; number++) {
    const topic = number % 2 === 0 ? 'a' : 'b';
    const keys = sets.get(topic)?.publisher(1);
    if (keys === undefined) throw new Error('no keys');
    const message = tamperer.pass({ topic, bytes: sender.protect(topic, randomBytes(30), keys) });
    if (message.tampering === undefined) genuine += receivers;
    else injected.push({ digest: digestOf(message.topic, message.bytes), tampering: message.tampering });
    for (const state of states) {
      const ring = sets.get(message.topic)?.ring;
      if (ring === undefined) throw new Error('no ring');
      tally.note(message, method.open(message.topic, message.bytes, ring, state).verdict, 1);
    }
  }
  return { tally, injected, genuine };
}

test.each(METHODS)(
  '$name tells every message that was altered without a key, and no other',
  async (method) => {
    const { tally, injected, genuine } = await show(method, 2);
    const { detected, taken, falseAlarms } = tally.tellApart(injected, 2);
    expect(tally.result().verdicts.genuine).toBe(genuine);
    expect(falseAlarms).toBe(0);
    for (const kind of TAMPERINGS) {
      const number = injected.filter(({ tampering }) => tampering === kind).length;
      expect(number).toBeGreaterThan(10);
      expect([kind, detected[kind], taken[kind]]).toEqual([kind, 2 * number, 0]);
    }
  },
);

test('what is taken for genuine, and a genuine message that is refused, are told apart from what is refused rightly', () => {
  const tally = new Tally({ watch: true });
  const message = (text: string) => ({ topic: 'a', bytes: Buffer.from(text) });
  const altered = (text: string, tampering: Injected['tampering']): Injected => ({
    digest: digestOf('a', Buffer.from(text)),
    tampering,
  });
  tally.note(message('good'), 'genuine', 1);
  tally.note(message('good, refused'), 'authentication', 1);
  tally.note(message('flipped, refused'), 'authentication', 1);
  tally.note(message('flipped, taken'), 'genuine', 1);
  tally.note(message('again'), 'genuine', 1);
  tally.note(message('again'), 'genuine', 1);
  tally.note(message('again'), 'replayed', 1);
  const injected = [
    altered('flipped, refused', 'flippedBit'),
    altered('flipped, taken', 'flippedBit'),
    altered('again', 'replayed'),
    altered('again', 'replayed'),
    altered('on its way still', 'otherTopic'),
  ];
  expect(tally.tellApart(injected, 1)).toEqual({
    detected: { flippedBit: 1, replayed: 1, otherTopic: 0 },
    taken: { flippedBit: 1, replayed: 1, otherTopic: 0 },
    falseAlarms: 1,
  });
});
