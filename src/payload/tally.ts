import * as z from 'zod';
import { encodeHistogram, newHistogram, recordMs } from '../measure/histogram.ts';
import { VERDICTS, type Verdict } from './method.ts';
import { digestOf, TAMPERINGS, type Tampering } from './tampering.ts';

const count = z.int().nonnegative();

/** What a receiver made of the messages that it opened. */
export const tallySchema = z.strictObject({
  verdicts: z.partialRecord(z.enum(VERDICTS), count),
  /** How long opening took, as an encoded histogram in whole microseconds. */
  openHdr: z.string(),
});
export type TallyResult = z.infer<typeof tallySchema>;

/** A message that was altered on its way, by what a receiver recognises it. */
export const injectedSchema = z.strictObject({ digest: z.string(), tampering: z.enum(TAMPERINGS) });
export type Injected = z.infer<typeof injectedSchema>;

/** What became of altered messages, and of the others. */
export const toldApartSchema = z.strictObject({
  /** Altered messages that were refused. */
  detected: z.partialRecord(z.enum(TAMPERINGS), count),
  /** Altered messages that were taken for genuine. */
  taken: z.partialRecord(z.enum(TAMPERINGS), count),
  /** Genuine messages that were refused. */
  falseAlarms: count,
});
export type ToldApart = z.infer<typeof toldApartSchema>;

/** Counts what a receiver, or several in one process, made of messages. */
export class Tally {
  readonly #counts = new Map<Verdict, number>();
  readonly #took = newHistogram();
  /** By digest; undefined where nobody asks afterwards. */
  readonly #seen: Map<string, { refused: number; genuine: number }> | undefined;

  /** `watch`: remembers each message, so that altered ones can be told from others afterwards. */
  constructor({ watch }: { watch: boolean }) {
    this.#seen = watch ? new Map() : undefined;
  }

  note(message: { topic: string; bytes: Uint8Array }, verdict: Verdict, tookUs: number): void {
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1);
    recordMs(this.#took, tookUs / 1000);
    if (this.#seen === undefined) return;
    const digest = digestOf(message.topic, message.bytes);
    const seen = this.#seen.get(digest) ?? { refused: 0, genuine: 0 };
    this.#seen.set(digest, seen);
    seen[verdict === 'genuine' ? 'genuine' : 'refused']++;
  }

  result(): TallyResult {
    return { verdicts: Object.fromEntries(this.#counts), openHdr: encodeHistogram(this.#took) };
  }

  /**
   * Tells altered messages from genuine ones. Each altered one was shown to `receivers`; what is replayed was shown to
   * each of them once before, when it was genuine. Without a memory of messages none may have been altered.
   */
  tellApart(injected: readonly Injected[], receivers: number): ToldApart {
    const detected: Partial<Record<Tampering, number>> = {};
    const taken: Partial<Record<Tampering, number>> = {};
    let refused = 0;
    for (const [verdict, number] of this.#counts) if (verdict !== 'genuine') refused += number;
    let falseAlarms = refused;
    for (const [digest, alike] of Map.groupBy(injected, (each) => each.digest)) {
      const [{ tampering } = { tampering: 'flippedBit' as const }] = alike;
      const seen = this.#seen?.get(digest) ?? { refused: 0, genuine: 0 };
      const found = Math.min(seen.refused, alike.length * receivers);
      const before = tampering === 'replayed' ? receivers : 0;
      detected[tampering] = (detected[tampering] ?? 0) + found;
      taken[tampering] = (taken[tampering] ?? 0) + Math.max(0, seen.genuine - before);
      falseAlarms -= found;
    }
    return { detected, taken, falseAlarms };
  }
}
