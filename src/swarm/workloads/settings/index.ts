import * as z from 'zod';
import { failoverSchema } from './failover.ts';
import { handshakeSchema } from './handshake.ts';
import { holdSchema } from './hold.ts';
import { pubsubInputSchema, resolvePubsub, type PubsubWorkload } from './pubsub.ts';
import { protectionName } from './protection.ts';
import { stormSchema } from './storm.ts';
import { wakeSchema } from './wake.ts';

/** Every workload that a scenario may ask for. A new one is a file here, one in `lab/phases`, one in `report/workloads`. */
export const workloadSchema = z.discriminatedUnion('kind', [
  handshakeSchema,
  pubsubInputSchema,
  failoverSchema,
  wakeSchema,
  stormSchema,
  holdSchema,
]);

type WorkloadInput = z.infer<typeof workloadSchema>;

/** A workload of one cell each: what a scenario lists inside one is told apart. */
export type Workload = Exclude<WorkloadInput, { kind: 'pubsub' }> | PubsubWorkload;
export type WorkloadKind = Workload['kind'];

/** The workloads that one of a scenario stands for. */
export function resolveWorkload(input: WorkloadInput): Workload[] {
  return input.kind === 'pubsub' ? resolvePubsub(input) : [input];
}

/** What a workload is called in cells: its kind, with what is unusual about it as modes have their axes. */
export function workloadName(workload: Workload): string {
  const protection = workload.kind === 'pubsub' ? workload.protection : undefined;
  return protection === undefined
    ? workload.kind
    : `${workload.kind}+protection=${protectionName(protection)}`;
}
