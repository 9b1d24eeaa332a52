import * as z from 'zod';
import { connectedSchema, fleetJobSchema, reasonsSchema, spentSchema } from './fleet.protocol.ts';

export const holdJobSchema = fleetJobSchema.extend({
  /** Until then the process rests, and what it uses meanwhile is measured. */
  startUs: z.number(),
  connectionsPerSecond: z.number().positive(),
  pingTimeoutMs: z.int(),
});
export type HoldJob = z.infer<typeof holdJobSchema>;

/** Everyone is connected, or never will be. */
export const openedSchema = connectedSchema.extend({
  /** What it used while it rested. */
  idle: spentSchema,
  /** While everyone connected. */
  connecting: spentSchema,
  /** Resident memory, garbage collected, before the first client and with all of them. */
  rssBytes: z.strictObject({ before: z.number(), after: z.number() }),
});
export type Opened = z.infer<typeof openedSchema>;

export const heldSchema = z.strictObject({
  /** Still connected at the end. */
  held: z.int(),
  /** Why the others were lost. */
  reasons: reasonsSchema,
  pings: z.strictObject({ due: z.int(), late: z.int(), answered: z.int() }),
  /** From PINGREQ to PINGRESP. */
  roundTripHdr: z.string(),
  spent: spentSchema,
});
export type Held = z.infer<typeof heldSchema>;
