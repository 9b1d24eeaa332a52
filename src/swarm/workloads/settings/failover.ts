import * as z from 'zod';
import { payloadBytesSchema, rateSchema, timeoutSchema, workersSchema } from './common.ts';

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
  keepAliveSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(5)
    .meta({ description: 'each client sends PINGREQ this often' }),
  pingTimeoutMs: z
    .int()
    .min(10)
    .max(600_000)
    .default(1000)
    .meta({ description: 'a client without PINGRESP for so long takes its connection for dead' }),
  retryMs: z.int().min(1).max(600_000).default(1000).meta({
    description: 'between a failed attempt to come back and the next; the first one is made at once',
  }),
  retryJitter: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta({ description: 'share of retryMs by which that is longer or shorter' }),
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
