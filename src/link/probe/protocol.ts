import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';

const microseconds = z.array(z.number());

/** What one route showed. Microseconds; one entry for each probe that was answered. */
const observationSchema = z.strictObject({
  upUs: microseconds,
  downUs: microseconds,
  /** From the client's connect to the responder's first byte. */
  firstByteUs: microseconds,
});
export type Observation = z.infer<typeof observationSchema>;

const planSchema = z.strictObject({
  routes: z.array(z.strictObject({ host: z.string(), port: z.int() })),
  /** Connections whose first byte is timed, for each route. */
  connects: z.int().positive(),
  /** Packets in each direction, for each route. */
  probes: z.int().positive(),
  /** Connections, and packets, before those that count: the first ones meet cold caches and uncompiled code. */
  warmup: z.int().nonnegative(),
  meanSpacingMs: z.number().positive(),
  /** How long to wait for answers after the last packet was sent. */
  patienceMs: z.number().positive(),
  seed: z.int(),
});
export type ProbePlan = z.infer<typeof planSchema>;

/**
 * A process that probes links. On the broker's side it is asked to listen, on the client's side to probe; which side
 * it is on is settled by the command it is started under.
 */
export const probeProtocol = {
  role: 'link-probe',
  calls: {
    listen: { params: z.strictObject({ host: z.string() }), result: z.strictObject({ port: z.int() }) },
    probe: { params: planSchema, result: z.strictObject({ observations: z.array(observationSchema) }) },
  },
  events: z.never(),
} satisfies Protocol;
