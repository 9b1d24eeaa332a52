import * as z from 'zod';
import { REACHES } from '../../payload/folder.ts';
import { injectedSchema, tallySchema } from '../../payload/tally.ts';
import { spentSchema } from './fleet.protocol.ts';
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
  /** Messages that were given to their publisher, by the second in which they really were; after the schedule too. */
  sentPerSecond: z.array(z.int()),
  /** How long that took: as long as the schedule, or longer. */
  sentForSeconds: z.number(),
  /** Messages that were due when their publisher's connection had been lost. */
  unsent: z.int(),
  lateSends: z.int(),
  /** Messages of QoS 1 and 2 that were not acknowledged in time, and of any QoS whose publisher was lost. */
  unacknowledged: z.int(),
  spent: spentSchema,
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
  /** By the second in which they came, counted from when the first could be there; after the schedule too. */
  receivedPerSecond: z.array(z.int()),
  receivedForSeconds: z.number(),
  /** Of the messages that were intended for each second of the schedule. */
  seconds: z.array(z.strictObject({ endToEndHdr: z.string() })),
  serviceHdr: z.string(),
  /** What all subscribers made of protected messages; absent where they open none. */
  tally: tallySchema.optional(),
});
export type Collected = z.infer<typeof collectedSchema>;
