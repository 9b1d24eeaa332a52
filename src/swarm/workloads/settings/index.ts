import * as z from 'zod';
import { failoverSchema } from './failover.ts';
import { handshakeSchema } from './handshake.ts';
import { holdSchema } from './hold.ts';
import { pubsubSchema } from './pubsub.ts';
import { stormSchema } from './storm.ts';

/** Every workload that a scenario may ask for. A new one is a file here, one in `lab/phases`, one in `report/workloads`. */
export const workloadSchema = z.discriminatedUnion('kind', [
  handshakeSchema,
  pubsubSchema,
  failoverSchema,
  stormSchema,
  holdSchema,
]);

export type Workload = z.infer<typeof workloadSchema>;
export type WorkloadKind = Workload['kind'];
