import * as z from 'zod';
import { connectedSchema, fleetJobSchema, spentSchema } from './fleet.protocol.ts';

export const stormJobSchema = fleetJobSchema.extend({
  /** Absent: all at once. */
  connectionsPerSecond: z.number().positive().optional(),
  /** At which they connect before the storm; absent where they do not. */
  beforePerSecond: z.number().positive().optional(),
  retry: z.strictObject({ ms: z.int(), jitter: z.number(), seed: z.int() }).optional(),
  timeoutMs: z.int(),
  /** Whether sessions of before need not be good for anything, so that full handshakes are what the mode asks for too. */
  mayBeFull: z.boolean(),
});
export type StormJob = z.infer<typeof stormJobSchema>;

export const stormedSchema = connectedSchema.extend({ spent: spentSchema });
export type Stormed = z.infer<typeof stormedSchema>;
