import * as z from 'zod';
import { REACHES } from '../../payload/folder.ts';
import { injectedSchema, tallySchema } from '../../payload/tally.ts';
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
  /** How payloads are protected, with the keys of the run's private folder; absent: not. */
  protection: z
    .strictObject({
      method: z.string(),
      reach: z.enum(REACHES),
      /** What is altered on its way; `topics` is how many topics of the cell have keys. */
      tamper: z.strictObject({ share: z.number(), seed: z.int(), topics: z.int() }).optional(),
    })
    .optional(),
});
export type PublishJob = z.infer<typeof publishJobSchema>;

export const publishedSchema = z.strictObject({
  /** Messages that were due and given to their publisher, or would have been if its connection had not been lost. */
  sentPerSecond: z.array(z.int()),
  lateSends: z.int(),
  /** Messages of QoS 1 and 2 that were not acknowledged in time, and of any QoS whose publisher was lost. */
  unacknowledged: z.int(),
  protection: z
    .strictObject({
      /** How long protecting took, as an encoded histogram in whole microseconds. */
      protectHdr: z.string(),
      /** Of the messages that were sent, those that were altered, and what really left of them. */
      altered: z.int(),
      injected: z.array(injectedSchema),
    })
    .optional(),
});
export type Published = z.infer<typeof publishedSchema>;

export const collectedSchema = z.strictObject({
  received: z.int(),
  seconds: z.array(z.strictObject({ received: z.int(), endToEndHdr: z.string() })),
  serviceHdr: z.string(),
  /** What all subscribers made of protected messages; absent where they open none. */
  tally: tallySchema.optional(),
});
export type Collected = z.infer<typeof collectedSchema>;
