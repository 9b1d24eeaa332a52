import * as z from 'zod';
import { clientSchema, MAX_PAYLOAD_BYTES, qosSchema, timeoutSchema, workersSchema } from './common.ts';

/** Messages carry their intended time, sending time and number in the payload's head. */
export const PUBSUB_HEAD_BYTES = 24;

/** `pubsub`: N publishers at a rate to M subscribers for a time, all connected before it begins. */
export const pubsubSchema = z.strictObject({
  kind: z.literal('pubsub'),
  publishers: z.int().min(1).max(20_000).default(10),
  subscribers: z.int().min(1).max(20_000).default(1),
  ratePerPublisher: z
    .number()
    .positive()
    .max(100_000)
    .default(10)
    .meta({ description: 'messages a second of each publisher' }),
  payloadBytes: z.int().min(PUBSUB_HEAD_BYTES).max(MAX_PAYLOAD_BYTES).default(64),
  qos: qosSchema.default(0),
  seconds: z.int().min(1).max(3600).default(10),
  timeoutMs: timeoutSchema.default(30_000),
  // Not filled in: what older files do not have must not look like another workload.
  client: clientSchema.optional(),
  workers: workersSchema.meta({ description: 'publisher processes' }),
});

export type PubsubWorkload = z.infer<typeof pubsubSchema>;
