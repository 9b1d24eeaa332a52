import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';

/** A ping that was answered: when it was sent (microseconds of the monotonic clock), and what each way took. */
const pingSchema = z.strictObject({ sentUs: z.number(), upUs: z.number(), downUs: z.number() });
export type Ping = z.infer<typeof pingSchema>;

/** A train of bytes: how many came after its first chunk, and within what time. */
const trainSchema = z.strictObject({ bytes: z.int().positive(), us: z.number().positive() });
export type Train = z.infer<typeof trainSchema>;

/** What one route showed. */
const observationSchema = z.strictObject({
  pings: z.array(pingSchema),
  /** From the client's connect until it is told that it is connected, microseconds; one for each connection. */
  connectUs: z.array(z.number()),
  /** From the client's connect to the responder's first byte, microseconds; one for each connection. */
  firstByteUs: z.array(z.number()),
  trainsUp: z.array(trainSchema),
  trainsDown: z.array(trainSchema),
});
export type Observation = z.infer<typeof observationSchema>;

const routePlanSchema = z.strictObject({
  host: z.string(),
  port: z.int(),
  /** Lines of connections that run side by side, and how many connections follow each other in each. */
  lines: z.int().positive(),
  connections: z.int().positive(),
  /** Pings on each connection after the one that opens it, each sent when the one before was answered. */
  pings: z.int().positive(),
  /** The shortest and the mean pause before a connection and before a ping. */
  pauseMs: z.strictObject({ least: z.number().nonnegative(), mean: z.number().positive() }),
  /** How long an answer may take. */
  patienceMs: z.number().positive(),
  /** Whole segments back to back, so many times in each direction that is named. */
  trains: z
    .strictObject({ up: z.int().nonnegative(), down: z.int().nonnegative(), count: z.int().positive() })
    .optional(),
});
export type RoutePlan = z.infer<typeof routePlanSchema>;

const planSchema = z.strictObject({ routes: z.array(routePlanSchema), seed: z.int() });
export type ProbePlan = z.infer<typeof planSchema>;

/**
 * A process that probes links. On the broker's side it is asked to listen, on the client's side to probe; which side
 * it is on is settled by the command it is started under.
 */
export const probeProtocol = {
  role: 'link-probe',
  isTimed: false,
  calls: {
    listen: { params: z.strictObject({ host: z.string() }), result: z.strictObject({ port: z.int() }) },
    probe: { params: planSchema, result: z.strictObject({ observations: z.array(observationSchema) }) },
  },
  events: z.never(),
} satisfies Protocol;
