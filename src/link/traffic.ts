import * as z from 'zod';

/** Packets of one direction of a link since it was opened. */
export const directionTrafficSchema = z.strictObject({
  /** All that entered. */
  packets: z.int().nonnegative(),
  /** Dropped by the loss model. */
  lost: z.int().nonnegative(),
  /** Dropped by a full queue. */
  overflowed: z.int().nonnegative(),
});
export type DirectionTraffic = z.infer<typeof directionTrafficSchema>;

/** What entered a link, and what became of it. */
export const trafficSchema = z.strictObject({ up: directionTrafficSchema, down: directionTrafficSchema });
export type Traffic = z.infer<typeof trafficSchema>;
