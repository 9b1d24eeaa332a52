import * as z from 'zod';
import { radioNamed, radioNames, radioSchema, type RadioProfile } from '../../../link/radios.ts';
import { uniqueList } from '../../../unique-list.ts';
import {
  arrivalsSchema,
  clientSchema,
  payloadBytesSchema,
  qosSchema,
  rateSchema,
  timeoutSchema,
  workersSchema,
} from './common.ts';

const radiosSchema = uniqueList(
  z.union([
    z
      .enum(radioNames())
      .transform((name): RadioProfile => radioNamed(name))
      .meta({ description: 'a radio of netem/radios.yaml' }),
    radioSchema.meta({ description: 'a radio of your own' }),
  ]),
  ({ name }) => name,
);

/**
 * `wake`: what one wake-up costs a sleeping sensor, which wakes, connects, publishes, waits for what the QoS asks,
 * disconnects and sleeps again. Every round holds one wake-up of every cell, shuffled, as in `handshake`.
 */
export const wakeSchema = z.strictObject({
  kind: z.literal('wake'),
  qos: qosSchema.default(1),
  payloadBytes: payloadBytesSchema,
  messagesPerWake: z.int().min(1).max(100).default(1).meta({
    description: 'messages that leave together once the sensor holds CONNACK',
  }),
  radios: radiosSchema.optional().meta({
    description: "whose energy is modelled; when absent, the radios that a cell's link is of",
  }),
  intervalSeconds: z.number().positive().max(31_536_000).default(900).meta({
    description:
      'between messages, for the comparison with a connection that stands; modelled, not waited for',
  }),
  keepAliveSeconds: z.array(z.int().min(1).max(65_535)).min(1).default([60]).meta({
    description: 'keep-alive times of the connection that stands; modelled, not waited for',
  }),
  connectionsPerSecond: rateSchema
    .default(20)
    .meta({ description: 'wake-ups of all cells together; those over one link share its rate' }),
  arrivals: arrivalsSchema,
  timeoutMs: timeoutSchema.default(60_000).meta({ description: 'a wake-up that takes longer has failed' }),
  client: clientSchema.optional(),
  workers: workersSchema.meta({ description: 'client processes' }),
});

export type WakeWorkload = z.infer<typeof wakeSchema>;
