import * as z from 'zod';
import { calibrationSchema } from '../link/calibration/calibration.ts';
import { tripSchema } from '../link/calibration/trip.ts';
import { burstLossSchema, jitterDistributionSchema } from '../link/spec.ts';
import { trafficSchema } from '../link/traffic.ts';

const count = z.int().nonnegative();

/** A link as it was asked for; `up` is client to broker. What is absent was not asked for. */
export const requestedSchema = z.strictObject({
  upMs: z.number(),
  downMs: z.number(),
  jitterUpMs: z.number(),
  jitterDownMs: z.number(),
  jitterDistribution: jitterDistributionSchema.optional(),
  lossUp: z.number(),
  lossDown: z.number(),
  burstLossUp: burstLossSchema.optional(),
  burstLossDown: burstLossSchema.optional(),
  rateUpKbit: z.number().optional(),
  rateDownKbit: z.number().optional(),
  reorderUp: z.number().optional(),
  reorderDown: z.number().optional(),
  duplicateUp: z.number().optional(),
  duplicateDown: z.number().optional(),
});

export const linkResultSchema = z.strictObject({
  id: z.string(),
  backend: z.string(),
  /** Whose TCP carried the bytes, and with which congestion control. */
  tcp: z.string(),
  /** What of TCP the backend stood in for; then milestones over a link with loss, jitter or a rate are modelled. */
  modelled: z.array(z.string()),
  requested: requestedSchema,
  /** One-way delays of the last calibration, serialization taken off, the floor in it; the median, with jitter the mean. */
  measured: z.strictObject({
    upMs: z.number(),
    downMs: z.number(),
    upP99Ms: z.number(),
    downP99Ms: z.number(),
    count,
  }),
  floor: z.strictObject({ upMs: z.number(), downMs: z.number() }),
  trip: tripSchema,
  /** All that calibration found; there is none after a run that was cut short. */
  calibrations: z.strictObject({ before: calibrationSchema, after: calibrationSchema.optional() }),
  /** What crossed the link in the whole run, calibrations included; absent where packets are not counted. */
  traffic: trafficSchema.optional(),
  /** How late the emulator released what it delayed, over the whole run; absent where nothing is emulated. */
  lateness: z
    .strictObject({ released: count, p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() })
    .optional(),
  calibrated: z.boolean(),
});

export type LinkResult = z.infer<typeof linkResultSchema>;
