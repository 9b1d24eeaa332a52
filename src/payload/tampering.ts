import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * What happens to protected messages on their way, without any key: a bit is flipped somewhere, header and check value
 * included; the message comes to another topic; an earlier one of its publisher comes in its place. Accidents and simple
 * attacks, of which every method tells. What a checksum does not tell, that somebody computes it anew, is tried by `attacks.ts`.
 */
export const TAMPERINGS = ['flippedBit', 'otherTopic', 'replayed'] as const;
export type Tampering = (typeof TAMPERINGS)[number];

/** A protected message on its way. */
export interface Message {
  topic: string;
  bytes: Buffer;
  /** What was done to it; absent: nothing. */
  tampering?: Tampering;
}

export interface TampererOptions {
  /** Of the messages, 0 to 1. */
  share: number;
  seed: number;
  /** Where a message comes to that comes to another topic. */
  otherTopic: (topic: string) => string;
}

/** Alters a share of the messages that pass it, chosen by the seed, in each way in turn. */
export class Tamperer {
  readonly #options: TampererOptions;
  readonly #generator: ReturnType<typeof xoroshiro128plus>;
  /** The last message of each topic that passed as it was. */
  readonly #earlier = new Map<string, Buffer>();
  #altered = 0;

  constructor(options: TampererOptions) {
    this.#options = options;
    this.#generator = xoroshiro128plus(options.seed);
  }

  /** The message as it goes on. */
  pass({ topic, bytes }: Message): Message {
    if (uniformFloat64(this.#generator) >= this.#options.share) {
      this.#earlier.set(topic, bytes);
      return { topic, bytes };
    }
    const tampering = TAMPERINGS[this.#altered++ % TAMPERINGS.length] ?? 'flippedBit';
    const earlier = this.#earlier.get(topic);
    if (tampering === 'otherTopic') return { topic: this.#options.otherTopic(topic), bytes, tampering };
    if (tampering === 'replayed' && earlier !== undefined) return { topic, bytes: earlier, tampering };
    // A first message has no earlier one.
    return { topic, bytes: this.#withFlippedBit(bytes), tampering: 'flippedBit' };
  }

  #withFlippedBit(bytes: Buffer): Buffer {
    const changed = Buffer.from(bytes);
    const bit = uniformInt(this.#generator, 0, 8 * bytes.length - 1);
    const at = Math.floor(bit / 8);
    changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
    return changed;
  }
}

/** What a message is recognised by at the other end: 96 bits of SHA-256 over topic and bytes, in base64url. */
export function digestOf(topic: string, bytes: Uint8Array): string {
  return createHash('sha256').update(topic).update('\0').update(bytes).digest('base64url').slice(0, 16);
}
