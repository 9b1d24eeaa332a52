import { HEADER_BYTES, withSequence } from './envelope.ts';
import type { ProtectKeys } from './keys.ts';
import type { Method, Opened } from './method.ts';

/** What is done to a message between its publisher and its subscriber, who holds `ring`. */
export interface Scene {
  method: Method;
  topic: string;
  payload: Buffer;
  /** What the publisher sent for this payload, which the subscriber has not seen yet. */
  bytes: Buffer;
  /** A number that was not given yet. */
  next: number;
  /** What an outsider has: all that is public, and keys of his own in place of secret ones. */
  outsider: ProtectKeys;
  /** What a subscriber has: the topic's secret and private key too, but no publisher's private key. */
  insider: ProtectKeys;
  /** A publisher of another fleet, with keys of the same kinds. */
  stranger: ProtectKeys;
  /** Whole numbers from 0 to below. */
  random: (below: number) => number;
  /** Shows bytes to the subscriber. */
  show: (topic: string, bytes: Buffer) => Opened;
}

export interface Attack {
  /** For the head of a column, in lines. */
  title: readonly string[];
  /** Whether a method says that it is told; undefined where there is no such attack. */
  promised: (method: Method) => boolean | undefined;
  /** Does it once; answers what the subscriber makes of it. */
  run: (scene: Scene) => Opened;
}

const hasKeys = ({ needs }: Method): boolean => Object.keys(needs).length > 0;
const EVIL = Buffer.from('open the valve');

/** Every attack. What a method says of itself is one thing, what comes of it another: both stand in the table. */
export const ATTACKS = {
  tampered: {
    title: ['tampered'],
    promised: ({ promises }) => promises.integrity,
    run: ({ topic, bytes, random, show }) => show(topic, tamper(bytes, random)),
  },
  topic: {
    title: ['other', 'topic'],
    promised: ({ promises }) => promises.integrity,
    run: ({ topic, bytes, show }) => show(`${topic}/elsewhere`, bytes),
  },
  replayed: {
    title: ['replayed'],
    promised: () => true,
    run: ({ topic, bytes, show }) => {
      show(topic, bytes);
      return show(topic, bytes);
    },
  },
  renumbered: {
    title: ['replayed,', 'new number'],
    promised: ({ promises }) => promises.replay,
    run: ({ method, topic, payload, bytes, next, outsider, show }) => {
      show(topic, bytes);
      const { authentication, confidentiality } = method.promises;
      // Who can read it and needs no key computes it anew; anybody else can only write another number into it.
      const again =
        authentication || confidentiality
          ? withSequence(bytes, next)
          : method.protect(topic, payload, outsider, next);
      return show(topic, again);
    },
  },
  wrongKey: {
    title: ['other', 'keys'],
    promised: (method) => (hasKeys(method) ? true : undefined),
    run: ({ method, topic, payload, next, stranger, show }) =>
      show(topic, method.protect(topic, payload, stranger, next)),
  },
  disguisedKey: {
    title: ['other keys,', 'right id'],
    promised: (method) => (hasKeys(method) ? true : undefined),
    run: ({ method, topic, payload, next, stranger, outsider, show }) =>
      show(topic, method.protect(topic, payload, { ...stranger, keyId: outsider.keyId }, next)),
  },
  forged: {
    title: ['forged by', 'outsider'],
    promised: ({ promises }) => promises.authentication,
    run: ({ method, topic, next, outsider, show }) =>
      show(topic, method.protect(topic, EVIL, outsider, next)),
  },
  forgedInside: {
    title: ['forged by', 'subscriber'],
    promised: ({ promises }) => promises.nonRepudiation,
    run: ({ method, topic, next, insider, show }) => show(topic, method.protect(topic, EVIL, insider, next)),
  },
} as const satisfies Record<string, Attack>;

export type AttackName = keyof typeof ATTACKS;
export const ATTACK_NAMES = Object.keys(ATTACKS) as AttackName[];

/** What came of one attack on a method. */
export interface AttackOutcome {
  promised: boolean;
  attempts: number;
  /** Attempts that were not taken for genuine. */
  detected: number;
}

/** Changes bytes in one of four ways: a bit flipped anywhere, a run of bytes replaced, the end cut off, a byte added. */
function tamper(bytes: Buffer, random: (below: number) => number): Buffer {
  const changed = Buffer.from(bytes);
  const at = random(bytes.length);
  switch (random(4)) {
    case 0:
      changed[at] = (changed[at] ?? 0) ^ (1 << random(8));
      return changed;
    case 1:
      for (let place = at; place < Math.min(bytes.length, at + 1 + random(8)); place++)
        changed[place] = (changed[place] ?? 0) ^ (1 + random(255));
      return changed;
    case 2:
      return changed.subarray(0, bytes.length - 1 - random(Math.min(bytes.length, HEADER_BYTES)));
    default:
      return Buffer.concat([changed, Buffer.of(random(256))]);
  }
}
