/** How far behind the newest message one may be and still be taken (RFC 4303 §3.4.3 prefers 64). */
export const WINDOW = 64;

/** Ring of bits: one word more than the window, so that its oldest word can be cleared as a whole (RFC 6479). */
const WORD_BITS = 32;
const WORDS = WINDOW / WORD_BITS + 1;

/** What was seen of one publisher on one topic. */
interface Seen {
  newest: number;
  readonly bits: Uint32Array;
}

/**
 * What a receiver remembers against replay: a sliding window for each topic and publisher (the algorithm of RFC 4303
 * §3.4.3, with the bit ring of RFC 6479). MQTT keeps the order of a publisher's messages on a topic at one QoS, but not
 * between QoS levels, so a message that is a little late is taken once. What is older than the window is refused,
 * whether it was seen or not. A message that MQTT delivers twice (QoS 1, DUP) is told as replayed the second time.
 * One record of some 100 bytes for each topic and publisher; it lasts as long as the state does.
 */
export class ReplayState {
  readonly #topics = new Map<string, Map<number, Seen>>();

  /** Notes a message that is genuine otherwise; false when it was here before, or is older than the window. */
  accept(topic: string, sender: number, sequence: number): boolean {
    let senders = this.#topics.get(topic);
    if (senders === undefined) this.#topics.set(topic, (senders = new Map()));
    const seen = senders.get(sender);
    if (seen === undefined) {
      const first: Seen = { newest: sequence, bits: new Uint32Array(WORDS) };
      mark(first.bits, sequence);
      senders.set(sender, first);
      return true;
    }
    if (sequence > seen.newest) {
      clearBetween(seen.bits, seen.newest, sequence);
      seen.newest = sequence;
    } else if (sequence <= seen.newest - WINDOW || isMarked(seen.bits, sequence)) {
      return false;
    }
    mark(seen.bits, sequence);
    return true;
  }
}

/** Sequences have 48 bits, more than what bitwise operators see. */
const wordOf = (sequence: number): number => Math.floor(sequence / WORD_BITS);
const bitOf = (sequence: number): number => 1 << (sequence % WORD_BITS);

function isMarked(bits: Uint32Array, sequence: number): boolean {
  return ((bits[wordOf(sequence) % WORDS] ?? 0) & bitOf(sequence)) !== 0;
}

function mark(bits: Uint32Array, sequence: number): void {
  const index = wordOf(sequence) % WORDS;
  bits[index] = (bits[index] ?? 0) | bitOf(sequence);
}

/** Clears the words that the window enters. */
function clearBetween(bits: Uint32Array, from: number, to: number): void {
  const [first, last] = [wordOf(from) + 1, wordOf(to)];
  if (last - first >= WORDS) {
    bits.fill(0);
    return;
  }
  for (let word = first; word <= last; word++) bits[word % WORDS] = 0;
}
