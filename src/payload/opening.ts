import * as z from 'zod';
import { nowUs } from '../measure/clock.ts';
import { readOpenKeys, REACHES } from './folder.ts';
import { methodNamed } from './index.ts';
import type { KeyRing } from './keys.ts';
import type { Method, Opened } from './method.ts';
import type { ReplayState } from './replay.ts';
import { Tally } from './tally.ts';

/** What a process is told to open. */
export const openingSchema = z.strictObject({
  method: z.string(),
  reach: z.enum(REACHES),
  /** Each topic with the numbers of its publishers. */
  topics: z.array(z.strictObject({ topic: z.string(), senders: z.array(z.int()) })),
  /** Whether some messages are altered on their way, so that each must be recognised afterwards. */
  watch: z.boolean(),
});
export type Opening = z.infer<typeof openingSchema>;

/** Opens the messages of some topics with the keys of a run's private folder, and counts what came of it. */
export class Opener {
  readonly tally: Tally;
  readonly #method: Method;
  readonly #rings: ReadonlyMap<string, KeyRing>;

  private constructor(method: Method, rings: ReadonlyMap<string, KeyRing>, watch: boolean) {
    this.#method = method;
    this.#rings = rings;
    this.tally = new Tally({ watch });
  }

  /** Throws a BenchError for a key that is not there, and an Error for a role that is to hold none. */
  static async create(
    folder: string,
    { method: name, reach, topics, watch }: Opening,
    role: 'subscriber' | 'broker',
  ): Promise<Opener> {
    const method = methodNamed(name);
    const rings = new Map<string, KeyRing>();
    for (const { topic, senders } of topics) {
      const ring = await readOpenKeys(folder, method, topic, { role, reach, senders });
      if (ring === undefined) throw new Error(`A ${role} holds no keys of ${reach} protection`);
      rings.set(topic, ring);
    }
    return new Opener(method, rings, watch);
  }

  /** Whether the payloads of a topic are protected. */
  covers(topic: string): boolean {
    return this.#rings.has(topic);
  }

  /** What comes of a message; a topic without keys is one of whose keys it has none. `state` is the receiver's own. */
  open(topic: string, bytes: Buffer, state: ReplayState): Opened {
    const ring = this.#rings.get(topic);
    const fromUs = nowUs();
    const opened: Opened =
      ring === undefined ? { verdict: 'wrong-key' } : this.#method.open(topic, bytes, ring, state);
    this.tally.note({ topic, bytes }, opened.verdict, nowUs() - fromUs);
    return opened;
  }
}
