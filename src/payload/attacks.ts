import { randomBytes } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { HEADER_BYTES, withSequence } from './envelope.ts';
import { KeySet } from './generate.ts';
import type { KeyRing, ProtectKeys } from './keys.ts';
import type { Method, Opened } from './method.ts';
import { propertiesOf, type Property, type PropertyName } from './properties.ts';
import { ReplayState } from './replay.ts';

/** What is done to a message between its publisher and its subscriber, who holds `ring`. */
interface Scene {
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

interface Attack {
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

export interface Trial {
  method: string;
  /** Genuine messages, and those of them that were refused or opened to something else. */
  genuine: number;
  falseAlarms: number;
  /** Protected messages in which the payload stands as it was. */
  readable: number;
  /** Absent: there is no such attack on the method. */
  attacks: Partial<Record<AttackName, AttackOutcome>>;
  /** What follows from the attacks. */
  properties: Record<PropertyName, Property>;
}

/** Whether all that a method promised to detect was detected, and nothing genuine was refused. */
export function keepsItsPromises({ falseAlarms, attacks }: Trial): boolean {
  return (
    falseAlarms === 0 &&
    Object.values(attacks).every(({ promised, attempts, detected }) => !promised || detected === attempts)
  );
}

const SENDER = 1;
const LONGEST_PAYLOAD_BYTES = 1024;
/** Shorter ones occur in other bytes by chance. */
const READABLE_BYTES = 16;

/**
 * Protects and opens `genuine` messages, then tries every attack `attempts` times, each on a new message, all of one
 * publisher on a topic, with payloads of up to 1,024 bytes. The seed sets lengths and where bytes are changed; keys and
 * contents are always new.
 */
export async function tryMethod(
  method: Method,
  { genuine, attempts, seed }: { genuine: number; attempts: number; seed: number },
): Promise<Trial> {
  const post = await Post.open(method, seed);
  const counts = { genuine, falseAlarms: 0, readable: 0 };
  const attacked: Trial['attacks'] = {};
  for (let message = 0; message < genuine; message++) {
    const { topic, payload, bytes, show } = post.scene();
    const opened = show(topic, bytes);
    if (opened.verdict !== 'genuine' || !opened.payload.equals(payload)) counts.falseAlarms++;
    if (payload.length >= READABLE_BYTES && bytes.includes(payload)) counts.readable++;
  }
  for (const name of ATTACK_NAMES) {
    const attack: Attack = ATTACKS[name];
    const promised = attack.promised(method);
    if (promised === undefined) continue;
    let detected = 0;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attack.run(post.scene()).verdict !== 'genuine') detected++;
    }
    attacked[name] = { promised, attempts, detected };
  }
  const properties = propertiesOf(method.promises, attacked);
  return { method: method.name, ...counts, attacks: attacked, properties };
}

/** Publisher, subscriber and attackers of one topic. */
class Post {
  readonly #method: Method;
  readonly #publisher: ProtectKeys;
  readonly #ring: KeyRing;
  readonly #attackers: Pick<Scene, 'outsider' | 'insider' | 'stranger'>;
  readonly #state = new ReplayState();
  readonly #random: (below: number) => number;
  #next = 0;

  private constructor(method: Method, own: KeySet, foreign: KeySet, seed: number) {
    this.#method = method;
    this.#publisher = own.publisher(SENDER);
    this.#ring = own.ring;
    const generator = xoroshiro128plus(seed);
    this.#random = (below) => uniformInt(generator, 0, below - 1);
    const stranger = foreign.publisher(SENDER);
    const { keyId, recipient } = this.#publisher;
    const outsider = { ...stranger, keyId, ...(recipient === undefined ? {} : { recipient }) };
    const [held] = this.#ring.all;
    this.#attackers = {
      stranger,
      outsider,
      insider: {
        ...outsider,
        ...(held?.secret === undefined ? {} : { secret: held.secret }),
        ...(held?.recipient === undefined ? {} : { recipient: held.recipient }),
        // An agreement between two key pairs can be made at either end (RFC 9180 §9.1.1); a signature cannot.
        ...(method.needs.author === 'x25519' && held?.author !== undefined ? { author: held.author } : {}),
      },
    };
  }

  static async open(method: Method, seed: number): Promise<Post> {
    const [own, foreign] = await Promise.all([
      KeySet.generate(method.needs, [SENDER]),
      KeySet.generate(method.needs, [SENDER]),
    ]);
    return new Post(method, own, foreign, seed);
  }

  scene(): Scene {
    const topic = `plant/${this.#random(8)}/temperature`;
    const payload = randomBytes(this.#random(LONGEST_PAYLOAD_BYTES + 1));
    return {
      ...this.#attackers,
      method: this.#method,
      topic,
      payload,
      bytes: this.#method.protect(topic, payload, this.#publisher, this.#next++),
      next: this.#next++,
      random: this.#random,
      show: (shownTopic, bytes) => this.#method.open(shownTopic, bytes, this.#ring, this.#state),
    };
  }
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
