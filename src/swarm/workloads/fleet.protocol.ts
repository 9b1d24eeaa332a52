import * as z from 'zod';
import { negotiatedSchema } from '../../measure/negotiated.ts';
import { clientSchema } from './settings/common.ts';

/** The part of a fleet that one process has: of all clients every `processes`-th, from the `first` on. */
export const fleetJobSchema = z.strictObject({
  cell: z.int(),
  client: clientSchema,
  clients: z.int().positive(),
  processes: z.int().positive(),
  first: z.int().nonnegative(),
  /** What they dial from, in turn; empty: the kernel chooses. */
  sources: z.array(z.string()),
  attemptTimeoutMs: z.int(),
  keepAliveSeconds: z.int(),
});
export type FleetJob = z.infer<typeof fleetJobSchema>;

/** How often each reason occurred. */
export const reasonsSchema = z.record(z.string(), z.int());

/** What became of a process's clients. Histograms are encoded, in microseconds; instants are of the monotonic clock. */
export const connectedSchema = z.strictObject({
  clients: z.int(),
  /** Who hold CONNACK. */
  connected: z.int(),
  /** Of them, who negotiated what the mode asks for. */
  good: z.int(),
  resumed: z.int(),
  attempts: z.int(),
  /** Of who never connected, was lost again, or negotiated something else. */
  reasons: reasonsSchema,
  /** First attempts that began more than 10 ms after their time. */
  lateStarts: z.int(),
  /** When the last of the good ones held CONNACK; absent where there are none. */
  lastConnackUs: z.number().optional(),
  /** Of the good ones: from the intended start of the first attempt to CONNACK; from the real start of the last one; that until TCP stood. */
  connectingHdr: z.string(),
  serviceHdr: z.string(),
  tcpHdr: z.string(),
  negotiated: z.array(z.strictObject({ what: negotiatedSchema, count: z.int() })),
});
export type Connected = z.infer<typeof connectedSchema>;

/** What a process used in a stretch of time, as it saw itself. */
export const spentSchema = z.strictObject({
  seconds: z.number(),
  cpuSeconds: z.number(),
  loopDelayP99Ms: z.number(),
});
export type Spent = z.infer<typeof spentSchema>;
