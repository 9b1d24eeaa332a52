import * as z from 'zod';
import { clientSchema, qosSchema } from './settings/common.ts';

export const publishJobSchema = z.strictObject({
  cell: z.int(),
  startUs: z.number(),
  seconds: z.int(),
  /** Of all publishers of the cell; the worker opens those that are in `publishers`. */
  ratePerPublisher: z.number(),
  publishers: z.array(z.strictObject({ index: z.int(), phase: z.number() })),
  payloadBytes: z.int(),
  client: clientSchema,
  qos: qosSchema,
  timeoutMs: z.int(),
});
export type PublishJob = z.infer<typeof publishJobSchema>;

export const publishedSchema = z.strictObject({
  /** Messages that were due and given to their publisher, or would have been if its connection had not been lost. */
  sentPerSecond: z.array(z.int()),
  lateSends: z.int(),
  /** Messages of QoS 1 and 2 that were not acknowledged in time, and of any QoS whose publisher was lost. */
  unacknowledged: z.int(),
});
export type Published = z.infer<typeof publishedSchema>;

export const collectedSchema = z.strictObject({
  received: z.int(),
  seconds: z.array(z.strictObject({ received: z.int(), endToEndHdr: z.string() })),
  serviceHdr: z.string(),
});
export type Collected = z.infer<typeof collectedSchema>;
