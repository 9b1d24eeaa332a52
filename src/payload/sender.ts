import { MAX_SEQUENCE } from './envelope.ts';
import type { ProtectKeys } from './keys.ts';
import type { Method } from './method.ts';

/**
 * A publisher's side: counts its messages over all topics, so that no sequence number, and with it no nonce, is used
 * twice, whichever keys its topics share.
 */
export class Sender {
  readonly #method: Method;
  #next: number;

  /**
   * `first` is the sequence of the next message. A publisher that restarts under the same keys must start above all that
   * it has sent; keys that are made for each run need no memory of that.
   */
  constructor(method: Method, first = 0) {
    this.#method = method;
    this.#next = first;
  }

  /** Protects the next message. Throws a RangeError after 2^48 messages: then there must be new keys. */
  protect(topic: string, payload: Uint8Array, keys: ProtectKeys): Buffer {
    if (this.#next > MAX_SEQUENCE) throw new RangeError('All sequence numbers are used: make new keys');
    return this.#method.protect(topic, payload, keys, this.#next++);
  }
}
