import * as z from 'zod';
import { JUDGED } from '../results/trips.ts';
import { EVENT_TIMES } from './events.ts';

/** Grows when a reader of the old form could misread the new one. */
export const HISTORY_VERSION = 1;

/** Whose medians are kept: the milestones that are judged, and the end-to-end latency of a load. */
export const FOLLOWED = [...JUDGED, 'endToEnd'] as const;
export type Followed = (typeof FOLLOWED)[number];

const count = z.int().nonnegative();

const timingSchema = z.strictObject({
  p50Ms: z.number(),
  /** The 95 % interval of the median. */
  lowMs: z.number(),
  highMs: z.number(),
  /** Undisturbed samples that it rests on. */
  count,
});

const historyCellSchema = z.strictObject({
  /** `mode/link/broker/topology/workload`. */
  id: z.string(),
  mode: z.string(),
  link: z.string(),
  /** A digest of what was asked of the cell: link, backend, workload, rounds. Medians of unlike cells do not compare. */
  conditions: z.string(),
  /** Whether the link was what was asked for. */
  calibrated: z.boolean(),
  timings: z.partialRecord(z.enum(FOLLOWED), timingSchema),
  /** Of a fleet to which something happens once a run; absent elsewhere, and in older files. Its interval is of one event. */
  events: z.partialRecord(z.enum(EVENT_TIMES), timingSchema).optional(),
  /** One-way trips, as inferred. */
  trips: z.partialRecord(z.enum(JUDGED), z.number()),
  bytes: z.strictObject({ handshakeUp: z.number(), handshakeDown: z.number() }).optional(),
  samples: z.strictObject({ attempted: count, failed: count, excluded: count, tainted: count }),
});

/** A line of a history file: what is followed of one run. */
export const historyEntrySchema = z.strictObject({
  historyVersion: z.literal(HISTORY_VERSION),
  /** The same for the same run, wherever its folder is. */
  run: z.string(),
  startedAt: z.iso.datetime(),
  /** What the user calls it, such as a commit. */
  label: z.string().optional(),
  tool: z.string(),
  scenario: z.string(),
  /** What of the surroundings the figures depend on, in words, and a digest of the machine's part. */
  environment: z.strictObject({ digest: z.string(), machine: z.string(), stack: z.string() }),
  cells: z.array(historyCellSchema),
});

export type HistoryCell = z.infer<typeof historyCellSchema>;
export type HistoryEntry = z.infer<typeof historyEntrySchema>;
