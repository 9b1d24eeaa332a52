import * as z from 'zod';
import {
  arrivalsSchema,
  clientSchema,
  payloadBytesSchema,
  qosSchema,
  rateSchema,
  timeoutSchema,
  workersSchema,
} from './common.ts';

/**
 * `handshake`: what one connection costs on an otherwise idle machine. Every round opens one connection of every
 * cell, shuffled, by an open-loop schedule that does not wait for answers.
 */
export const handshakeSchema = z.strictObject({
  kind: z.literal('handshake'),
  action: z
    .enum(['publish', 'subscribe'])
    .default('publish')
    .meta({ description: 'what the client does once it holds CONNACK' }),
  qos: qosSchema.default(1),
  payloadBytes: payloadBytesSchema,
  connectionsPerSecond: rateSchema
    .default(35)
    .meta({ description: 'arrivals of all cells together; keep it far below saturation' }),
  arrivals: arrivalsSchema,
  timeoutMs: timeoutSchema.default(30_000).meta({ description: 'an attempt that takes longer has failed' }),
  // Not filled in: what older files do not have must not look like another workload.
  client: clientSchema.optional(),
  workers: workersSchema.meta({ description: 'client processes' }),
});

export type HandshakeWorkload = z.infer<typeof handshakeSchema>;
