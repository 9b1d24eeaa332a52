import * as z from 'zod';
import {
  clientSchema,
  fleetRateSchema,
  fleetSizeSchema,
  retryJitterSchema,
  retrySchema,
  timeoutSchema,
  workersSchema,
} from './common.ts';

/**
 * `storm`: a whole fleet connects, at once or at a rate, cold or after its broker was restarted. In modes that resume,
 * every client holds a session before the storm begins.
 */
export const stormSchema = z.strictObject({
  kind: z.literal('storm'),
  clients: fleetSizeSchema.default(500),
  arrivals: z
    .enum(['at-once', 'rate'])
    .default('at-once')
    .meta({ description: 'at-once: all are to start at one instant; rate: one after another, evenly' }),
  connectionsPerSecond: fleetRateSchema.default(200).meta({
    description: 'of a storm at a rate; and at which clients connect, or gather sessions, before the storm',
  }),
  after: z.enum(['nothing', 'restart']).default('nothing').meta({
    description:
      'restart: the clients are connected, their broker is ended and started again, and the storm begins when it listens',
  }),
  retryMs: retrySchema.optional().meta({
    description: 'between a failed attempt and the next; without it a client whose attempt fails has failed',
  }),
  retryJitter: retryJitterSchema,
  attemptTimeoutMs: timeoutSchema
    .default(30_000)
    .meta({ description: 'an attempt without CONNACK for so long has failed' }),
  timeoutMs: timeoutSchema
    .default(120_000)
    .meta({ description: 'who is not connected so long after the last intended start has failed' }),
  warmupClients: z.int().min(0).max(1000).default(20).meta({
    description: 'connect and leave before, in each client process, so that nothing is cold in the storm',
  }),
  client: clientSchema.default('lean'),
  workers: workersSchema.meta({ description: 'client processes' }),
});

export type StormWorkload = z.infer<typeof stormSchema>;
