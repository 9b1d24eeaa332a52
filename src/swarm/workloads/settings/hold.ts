import * as z from 'zod';
import {
  clientSchema,
  fleetRateSchema,
  fleetSizeSchema,
  keepAliveSchema,
  pingTimeoutSchema,
  timeoutSchema,
  workersSchema,
} from './common.ts';

/** `hold`: a fleet connects at a rate and stays, idle but for its keep-alive, while memory and CPU are measured. */
export const holdSchema = z.strictObject({
  kind: z.literal('hold'),
  clients: fleetSizeSchema.default(1000),
  connectionsPerSecond: fleetRateSchema.default(200),
  seconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(20)
    .meta({ description: 'for which the clients are held once all are connected' }),
  keepAliveSeconds: keepAliveSchema.default(15),
  pingTimeoutMs: pingTimeoutSchema.default(5000),
  timeoutMs: timeoutSchema
    .default(30_000)
    .meta({ description: 'a client without CONNACK for so long has failed' }),
  warmupClients: z.int().min(0).max(1000).default(20).meta({
    description:
      'connect and leave before, in each client process, so that what is loaded once is not measured',
  }),
  client: clientSchema.default('lean'),
  workers: workersSchema.meta({ description: 'client processes' }),
});

export type HoldWorkload = z.infer<typeof holdSchema>;
