import * as z from 'zod';
import {
  keepAliveSchema,
  payloadBytesSchema,
  pingTimeoutSchema,
  rateSchema,
  retryJitterSchema,
  retrySchema,
  timeoutSchema,
  workersSchema,
} from './common.ts';

/**
 * `failover`: clients stay connected, what their packets cross fails, and each comes back by itself. Only for topologies
 * that have another path.
 */
export const failoverSchema = z.strictObject({
  kind: z.literal('failover'),
  clients: z.int().min(1).max(20_000).default(100),
  connectionsPerSecond: rateSchema
    .default(50)
    .meta({ description: 'at which the clients connect before the failure' }),
  keepAliveSeconds: keepAliveSchema.default(5),
  pingTimeoutMs: pingTimeoutSchema.default(1000),
  retryMs: retrySchema.default(1000).meta({
    description: 'between a failed attempt to come back and the next; the first one is made at once',
  }),
  retryJitter: retryJitterSchema,
  attemptTimeoutMs: timeoutSchema
    .default(5000)
    .meta({ description: 'an attempt without CONNACK for so long has failed' }),
  payloadBytes: payloadBytesSchema,
  timeoutMs: timeoutSchema
    .default(60_000)
    .meta({ description: 'a client that is not back so long after the failure is lost' }),
  workers: workersSchema.meta({ description: 'client processes' }),
});

export type FailoverWorkload = z.infer<typeof failoverSchema>;
