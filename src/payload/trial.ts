import { randomBytes } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import {
  ATTACK_NAMES,
  ATTACKS,
  type Attack,
  type AttackName,
  type AttackOutcome,
  type Scene,
} from './attacks.ts';
import { KeySet } from './generate.ts';
import type { KeyRing, ProtectKeys } from './keys.ts';
import type { Method } from './method.ts';
import { propertiesOf, type Property, type PropertyName } from './properties.ts';
import { ReplayState } from './replay.ts';

/** What came of a method's genuine messages, and of every attack on it. */
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
