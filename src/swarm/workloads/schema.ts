import * as z from 'zod';

const qosSchema = z
  .union([z.literal(0), z.literal(1), z.literal(2)])
  .meta({ description: 'MQTT quality of service' });

/** Messages carry their intended time, sending time and number in the payload's head. */
export const PUBSUB_HEAD_BYTES = 24;
const MAX_PAYLOAD_BYTES = 1_048_576;

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
  payloadBytes: z.int().min(0).max(MAX_PAYLOAD_BYTES).default(64),
  connectionsPerSecond: z
    .number()
    .positive()
    .max(2000)
    .default(35)
    .meta({ description: 'arrivals of all cells together; keep it far below saturation' }),
  arrivals: z
    .enum(['even', 'poisson'])
    .default('even')
    .meta({ description: 'even: one in each slot at a random place of it; poisson: exponential gaps' }),
  timeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .meta({ description: 'an attempt that takes longer has failed' }),
  workers: z.int().min(1).max(16).default(1).meta({ description: 'client processes' }),
});

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
  timeoutMs: z.int().min(100).max(600_000).default(30_000),
  workers: z.int().min(1).max(16).default(1).meta({ description: 'publisher processes' }),
});

/**
 * `failover`: clients stay connected, what their packets cross fails, and each comes back by itself. Only for topologies
 * that have another path.
 */
export const failoverSchema = z.strictObject({
  kind: z.literal('failover'),
  clients: z.int().min(1).max(20_000).default(100),
  connectionsPerSecond: z
    .number()
    .positive()
    .max(2000)
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
  attemptTimeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(5000)
    .meta({ description: 'an attempt without CONNACK for so long has failed' }),
  payloadBytes: z.int().min(0).max(MAX_PAYLOAD_BYTES).default(64),
  timeoutMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(60_000)
    .meta({ description: 'a client that is not back so long after the failure is lost' }),
  workers: z.int().min(1).max(16).default(1).meta({ description: 'client processes' }),
});

export const workloadSchema = z.discriminatedUnion('kind', [handshakeSchema, pubsubSchema, failoverSchema]);

export type HandshakeWorkload = z.infer<typeof handshakeSchema>;
export type PubsubWorkload = z.infer<typeof pubsubSchema>;
export type FailoverWorkload = z.infer<typeof failoverSchema>;
export type Workload = z.infer<typeof workloadSchema>;
