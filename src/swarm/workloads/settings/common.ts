import * as z from 'zod';

export const qosSchema = z
  .union([z.literal(0), z.literal(1), z.literal(2)])
  .meta({ description: 'MQTT quality of service' });

export const MAX_PAYLOAD_BYTES = 1_048_576;

export const payloadBytesSchema = z.int().min(0).max(MAX_PAYLOAD_BYTES).default(64);

export const timeoutSchema = z.int().min(100).max(600_000);

/** Processes, of which each has a core at most. */
export const workersSchema = z.int().min(1).max(16).default(1);

/** Arrivals by an open-loop schedule. */
export const rateSchema = z.number().positive().max(2000);

/** Arrivals within a rate: even ones have a slot each. */
export const arrivalsSchema = z
  .enum(['even', 'poisson'])
  .default('even')
  .meta({ description: 'even: one in each slot at a random place of it; poisson: exponential gaps' });

/** What keeps a connection alive; how often and how patiently is each workload's own. */
export const keepAliveSchema = z
  .int()
  .min(1)
  .max(3600)
  .meta({ description: 'each client sends PINGREQ this often' });
export const pingTimeoutSchema = z
  .int()
  .min(10)
  .max(600_000)
  .meta({ description: 'a client without PINGRESP for so long takes its connection for dead' });

/** Between attempts. */
export const retrySchema = z.int().min(1).max(600_000);
export const retryJitterSchema = z
  .number()
  .min(0)
  .max(1)
  .default(0.5)
  .meta({ description: 'share of retryMs by which that is longer or shorter' });

/** Clients that are there at one time; what the machine can hold is checked before a run. */
export const fleetSizeSchema = z.int().min(1).max(100_000);

/** Arrivals of a fleet, which may be more than a single machine gets through. */
export const fleetRateSchema = z.number().positive().max(20_000);

export const CLIENT_NAMES = ['mqttjs', 'lean'] as const;
export type ClientName = (typeof CLIENT_NAMES)[number];

/** What a workload runs with that names none. */
export const USUAL_CLIENT: ClientName = 'mqttjs';

export const clientSchema = z.enum(CLIENT_NAMES).meta({
  description: 'mqttjs: clients of mqtt.js; lean: of mqtt-packet on a socket, which cost the machine less',
});
