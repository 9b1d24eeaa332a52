import * as z from 'zod';
import { distributionSchema } from './distribution-schema.ts';

const count = z.int().nonnegative();

/** What a process, or several together, used in a stretch of time. */
export const loadSchema = z.strictObject({
  /** CPU seconds a second: 1 is a whole core. Of several processes that of the busiest, of brokers that of all. */
  cpuShare: z.number(),
  /** 99 % of the turns of the event loop were no later than this; absent where it is nobody's of the bench. */
  loopDelayP99Ms: z.number().optional(),
});

/** What became of a fleet that came all at one time. */
export const stormSchema = z.strictObject({
  arrivals: z.enum(['at-once', 'rate']),
  /** What was asked for; absent at once. */
  askedPerSecond: z.number().optional(),
  after: z.enum(['nothing', 'restart']),
  clients: count,
  /** Who held CONNACK at the end, those included who negotiated something else than their mode. */
  connected: count,
  /** Of them, who resumed a TLS session. */
  resumed: count,
  /** Attempts of all clients. */
  attempts: count,
  /** Why clients failed or were excluded. */
  reasons: z.record(z.string(), count),
  /** First attempts that began more than 10 ms after their intended time. */
  lateStarts: count,
  /** From the beginning of the storm until the last good client held CONNACK; absent where there is none. */
  lastConnackMs: z.number().optional(),
  /** Good clients over that time. */
  connectsPerSecond: z.number().optional(),
  /** Of the good clients: from the intended start of the first attempt to CONNACK. */
  connecting: distributionSchema.optional(),
  /** From the real start of the attempt that succeeded to CONNACK (service time), and until TCP was connected. */
  service: distributionSchema.optional(),
  tcpConnected: distributionSchema.optional(),
  /** SYNs and connections that listening sockets of the broker's network namespace had no room for; absent where nobody tells. */
  listenOverflows: count.optional(),
  /** Until the last CONNACK. */
  generator: loadSchema,
  /** From the beginning until all clients were settled; absent where nobody tells. */
  brokerLoad: loadSchema.optional(),
  /** Of a storm after a restart: who was connected before it, and how long nobody listened. */
  restart: z.strictObject({ connectedBefore: count, downMs: z.number() }).optional(),
});

/** What holding idle clients took. */
export const holdSchema = z.strictObject({
  clients: count,
  /** Who were connected when the holding began, and who still were at its end. */
  connected: count,
  held: count,
  resumed: count,
  /** Why clients failed to connect, were excluded, or were lost. */
  reasons: z.record(z.string(), count),
  lateStarts: count,
  /** How long they were held. */
  seconds: z.number(),
  keepAliveSeconds: z.number(),
  /** From the intended start to CONNACK. */
  connecting: distributionSchema.optional(),
  /** PINGREQs that were due while the clients were held, those that left more than 10 ms late, and those with an answer. */
  pings: z.strictObject({ due: count, late: count, answered: count }),
  /** From PINGREQ to PINGRESP. */
  roundTrip: distributionSchema.optional(),
  /** Of a client, at each end: resident memory, and CPU of a second. Absent at a broker that does not tell, or had served others. */
  perClient: z.strictObject({
    clientBytes: z.number(),
    brokerBytes: z.number().optional(),
    clientCpuUsPerSecond: z.number(),
    brokerCpuUsPerSecond: z.number().optional(),
  }),
  /** While everyone connected; absent in older files. */
  connectingGenerator: loadSchema.optional(),
  /** While they were held. */
  generator: loadSchema,
});

export type Storm = z.infer<typeof stormSchema>;
export type Hold = z.infer<typeof holdSchema>;
