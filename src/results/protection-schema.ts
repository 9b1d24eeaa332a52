import * as z from 'zod';
import { REACHES } from '../payload/folder.ts';
import { VERDICTS } from '../payload/method.ts';
import { TAMPERINGS } from '../payload/tampering.ts';

const count = z.int().nonnegative();

/** Of altered messages, by what was done to them. */
const tamperedSchema = z.strictObject({
  /** Messages that left altered. */
  injected: count,
  /** Refused by their receivers, and taken for genuine by them: each receiver counts by itself. */
  detected: count,
  taken: count,
});

/** What protecting the payloads of a load took, and what came of it. The receivers are all subscribers, or the broker. */
export const loadProtectionSchema = z.strictObject({
  method: z.string(),
  place: z.enum(REACHES),
  /** Bytes that each payload grew by. */
  addedBytes: count,
  /** Who opened each message: the subscribers, or one broker. */
  receivers: count,
  /** What they made of what they got, altered messages included. */
  verdicts: z.partialRecord(z.enum(VERDICTS), count),
  /** Genuine messages that a receiver refused. */
  falseAlarms: count,
  /** What was altered on its way, if anything was to be: accidents and attacks without a key. */
  tampered: z.partialRecord(z.enum(TAMPERINGS), tamperedSchema).optional(),
  /** Medians of single operations while the load ran, in whole microseconds by the wall clock; absent where there was none. */
  protectP50Us: z.number().optional(),
  openP50Us: z.number().optional(),
});

export type LoadProtection = z.infer<typeof loadProtectionSchema>;
