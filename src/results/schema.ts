import * as z from 'zod';
import { MILESTONE_NAMES } from '../measure/milestones.ts';
import { inferenceSchema } from './inference/schema.ts';
import { cellResultSchema } from './cell-schema.ts';
import { linkResultSchema } from './link-schema.ts';

export type { CellResult, Failover, FlightRow, Throughput, Trips } from './cell-schema.ts';
export type { Distribution } from './distribution-schema.ts';
export type { Hold, Storm } from './fleet-schema.ts';
export type { LinkResult } from './link-schema.ts';
export type { LoadProtection } from './protection-schema.ts';

/**
 * Grows when a reader of the old form could misread the new one. What versions of the tool add since is optional in the
 * schema, so that their older files are read too; a file of another number is refused.
 */
export const SCHEMA_VERSION = 1;

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

export const resultsSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  /** False when the run was interrupted or a part of it died; what was measured until then is here. */
  complete: z.boolean(),
  /** Why it is not complete. */
  incompleteBecause: z.string().optional(),
  /**
   * Who ended it: the user, who interrupted it; the environment, of which a program ended that is not the bench's own; or
   * a part of the bench. Absent where it is complete, and in files of earlier versions.
   */
  incompleteBy: z.enum(['user', 'environment', 'bench']).optional(),
  seed: z.int(),
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** The scenario as resolved; any version of this tool may have written it. */
  scenario: z.looseObject({ name: z.string(), question: z.string() }),
  links: z.array(linkResultSchema),
  /** Modes that the scenario asks for and that could not be run, and why. */
  unsupported: z.array(
    z.strictObject({
      mode: z.string(),
      /** The one broker that it was not measured on; all when absent. */
      broker: z.string().optional(),
      /** The one topology that it was not measured behind; all when absent. */
      topology: z.string().optional(),
      /** The one workload that it was not measured with; all when absent. */
      workload: z.string().optional(),
      reason: z.string(),
      /** It was tried, and something else than the mode asks for was negotiated. */
      wrongParameters: z.literal(true).optional(),
      /** In a paired run it could be measured here, and its partner could not. */
      forPartner: z.literal(true).optional(),
    }),
  ),
  cells: z.array(cellResultSchema),
  slopes: z.array(
    z.strictObject({
      mode: z.string(),
      broker: z.string(),
      topology: z.string(),
      /** Absent in files of versions before 0.2. */
      workload: z.string().optional(),
      milestone: z.enum(MILESTONE_NAMES),
      /** Trips in theory. */
      predicted: z.int(),
      /** Slope of the medians over the mean measured one-way delay (Theil–Sen): the trip count. */
      trips: z.number(),
      /** 95 % interval, by bootstrap over rounds; absent where there are too few of them. */
      tripsLow: z.number().optional(),
      tripsHigh: z.number().optional(),
      /** What remains at no delay: compute. */
      interceptMs: z.number(),
      interceptLowMs: z.number().optional(),
      interceptHighMs: z.number().optional(),
      r2: z.number(),
      /** How many delays the line goes through. */
      delays: count,
    }),
  ),
  /** What each mode really did, held against theory; empty in files of versions before 0.2. */
  inferences: z.array(inferenceSchema).default([]),
  processes: z.array(
    z.strictObject({
      role: z.string(),
      cpuSeconds: z.number(),
      maxRssBytes: z.number(),
      /** Absent where no event loop is watched: nothing that it does is timed, or it is a program that is not the bench's own. */
      loopDelayP99Ms: z.number().optional(),
      stalls: count,
    }),
  ),
  /** What a reader should know before trusting a figure, in sentences. */
  warnings: z.array(z.string()),
  /** Of the rounds.ndjson beside it, its lines ended by LF; absent in files of earlier versions. */
  roundsSha256: sha256.optional(),
  /** Of all else in this file (`seal.ts`); absent in files of earlier versions. */
  sha256: sha256.optional(),
});

export type Results = z.infer<typeof resultsSchema>;
