import type { KeyRing, ProtectKeys, KeyNeeds } from './keys.ts';
import type { ReplayState } from './replay.ts';

/** What a method says that it withstands. Each is tried for real by `attacks.ts`. */
export interface Promises {
  /** A changed bit, or another topic, is told: accidents are found. */
  integrity: boolean;
  /** Nobody without a key can make a message that is taken for genuine. */
  authentication: boolean;
  /** Nor can who only opens messages: what was signed can be shown to a third party. */
  nonRepudiation: boolean;
  /** Who has no key cannot read the payload. */
  confidentiality: boolean;
  /** An old message cannot be given a new sequence number by who has no key. */
  replay: boolean;
}

/**
 * Why bytes were not opened.
 *
 * - `malformed`: they are too short, of another version, or of another method;
 * - `wrong-key`: they name a key that the receiver does not hold;
 * - `integrity`: the check value is wrong, and it is one that anybody could compute;
 * - `authentication`: the tag, MAC or signature is wrong, which only a holder of a key can make right;
 * - `replayed`: they are genuine, and they or a later one of the same publisher and topic were here before.
 */
export const FAILURES = ['malformed', 'wrong-key', 'integrity', 'authentication', 'replayed'] as const;
export type Failure = (typeof FAILURES)[number];

/** What a receiver makes of a message. */
export const VERDICTS = ['genuine', ...FAILURES] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What came of opening protected bytes. */
export type Opened =
  | { verdict: 'genuine'; payload: Buffer; sender: number; sequence: number }
  | { verdict: Failure };

/** A way to protect an MQTT payload, with or without TLS below it. One file each, in the list of `index.ts`. */
export interface Method {
  /** As scenarios and results call it; a stable name. */
  readonly name: string;
  /** What stands for it on the wire, 1 to 63. Never renumbered. */
  readonly id: number;
  /** A few words for tables and charts. */
  readonly title: string;
  /** Where it is specified. */
  readonly sources: readonly string[];
  readonly promises: Promises;
  readonly needs: KeyNeeds;
  /** Bytes that a payload of that many bytes grows by, header included. Exact. */
  readonly addedBytes: (payloadBytes: number) => number;
  /**
   * The payload as it is published: header and what `envelope.ts` says. `sequence` is 0 to 2^48 − 1 and must never be
   * given twice with the same keys and sender: nonces follow from it. A {@link Sender} sees to that. Throws a RangeError
   * for keys, a topic or a sequence that cannot be.
   */
  protect(topic: string, payload: Uint8Array, keys: ProtectKeys, sequence: number): Buffer;
  /**
   * The payload of received bytes, or why there is none. `state` is the receiver's own, and remembers what was genuine.
   * Never throws on any bytes.
   */
  open(topic: string, bytes: Uint8Array, keys: KeyRing, state: ReplayState): Opened;
}
