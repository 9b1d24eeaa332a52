import * as z from 'zod';
import { negotiatedSchema } from '../../measure/negotiated.ts';

export const failoverJobSchema = z.strictObject({
  cell: z.int(),
  /** The instant from which `atMs` counts. */
  startUs: z.number(),
  /** Those of this process; `phase` is where in the time between two pings the first one lies. */
  clients: z.array(z.strictObject({ index: z.int(), atMs: z.number(), phase: z.number() })),
  keepAliveSeconds: z.int(),
  pingTimeoutMs: z.int(),
  retryMs: z.int(),
  retryJitter: z.number(),
  attemptTimeoutMs: z.int(),
  payloadBytes: z.int(),
  /** What the jitter follows from. */
  seed: z.int(),
});
export type FailoverJob = z.infer<typeof failoverJobSchema>;

/** What became of a client whose path failed; instants are microseconds of the monotonic clock. */
export const returnedSchema = z.strictObject({
  index: z.int(),
  /** When it took its connection for dead, and what told it. */
  noticedUs: z.number().optional(),
  noticedBy: z.string().optional(),
  /** Attempts to come back. */
  attempts: z.int(),
  /** Of the last attempt that came so far. */
  tcpConnectedUs: z.number().optional(),
  connackUs: z.number().optional(),
  negotiated: negotiatedSchema.optional(),
  /** When it was back: its message was acknowledged. */
  pubackUs: z.number().optional(),
  lost: z.strictObject({ reason: z.string(), detail: z.string() }).optional(),
});
export type Returned = z.infer<typeof returnedSchema>;
