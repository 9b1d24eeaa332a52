import * as z from 'zod';

/** A figure with its 95 % interval, from so many observations. */
export const estimateSchema = z.strictObject({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  count: z.int().nonnegative(),
});
export type Estimate = z.infer<typeof estimateSchema>;

/** What one direction of a link was found to do. What was not asked for is not there. */
export const directionMeasuredSchema = z.strictObject({
  /**
   * Milliseconds that a packet takes, its serialization at the link's rate taken off; the floor is in it. The median,
   * and with jitter the mean.
   */
  delayMs: estimateSchema,
  p99Ms: z.number(),
  /** Standard deviation, milliseconds. */
  jitterMs: estimateSchema.optional(),
  rateKbit: estimateSchema.optional(),
  /** Share of packets. */
  loss: estimateSchema.optional(),
});
export type DirectionMeasured = z.infer<typeof directionMeasuredSchema>;

/** What calibration found out about one link. */
export const calibrationSchema = z.strictObject({
  up: directionMeasuredSchema,
  down: directionMeasuredSchema,
  /** The same path without delay: what the machine itself costs. */
  floor: z.strictObject({ upMs: z.number(), downMs: z.number() }),
  /** Medians from a client's connect until it is connected: two trips. Absent where the handshake is modelled. */
  connect: z.strictObject({ measuredMs: z.number(), floorMs: z.number() }).optional(),
  /** Medians from a client's connect to the first byte at the broker: three trips. */
  firstByte: z.strictObject({ measuredMs: z.number(), floorMs: z.number() }),
  /** How often it was measured until it was found calibrated; the figures are of the last time. */
  attempts: z.int().positive(),
  /** False when something is off by more than what chance and the tolerance allow. */
  calibrated: z.boolean(),
  /** What is wrong, when it is not calibrated. */
  problem: z.string().optional(),
});
export type Calibration = z.infer<typeof calibrationSchema>;
