import * as z from 'zod';
import { accessDecisionSchema } from './access.ts';
import { MILESTONE_NAMES, WIRE_INSTANTS } from './milestones.ts';
import { negotiatedSchema } from './negotiated.ts';
import { packetCountsSchema } from './packet-counts.ts';
import { wireFactsSchema } from './tls-wire.ts';

/** One flight: all that one end sends before the other end speaks again, as the link saw it pass. */
export const flightSchema = z.strictObject({
  from: z.enum(['client', 'broker']),
  /** Milliseconds from the intended start to the first byte's departure from `from`. */
  leavesMs: z.number(),
  bytes: z.int().nonnegative(),
});

/**
 * What became of one attempt. `failed`: it did not reach its last milestone. `excluded`: it did, but what was
 * measured is not what was asked for (other parameters negotiated, a milestone missing).
 */
export const outcomeSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('ok') }),
  z.strictObject({ status: z.literal('failed'), reason: z.string(), detail: z.string() }),
  z.strictObject({ status: z.literal('excluded'), reason: z.string(), detail: z.string() }),
]);

/** One connection attempt: a line of samples.ndjson. Times are milliseconds from the intended start. */
export const sampleSchema = z.strictObject({
  id: z.int().nonnegative(),
  cell: z.string(),
  round: z.int().nonnegative(),
  /** Warm-up attempts are kept in the file and left out of every figure. */
  warmup: z.boolean(),
  /** Intended start, in milliseconds from the start of the run. */
  intendedAtMs: z.number(),
  /** How much later than intended the client really started. */
  startLateMs: z.number(),
  outcome: outcomeSchema,
  /** Why the machine or the link is suspected of having disturbed this sample; empty when it is not. */
  tainted: z.array(z.string()),
  milestonesMs: z.partialRecord(z.enum(MILESTONE_NAMES), z.number()),
  /** The broker's end as the link saw it, whoever stamps the milestones; absent where no link looks. */
  wireMs: z.partialRecord(z.enum(WIRE_INSTANTS), z.number()).optional(),
  /** When the broker itself accepted the connection; absent of a broker that tells nothing. */
  acceptedMs: z.number().optional(),
  /** Behind a hop that ends the connection `broker` is the hop, as far as it tells. */
  negotiated: z.strictObject({ client: negotiatedSchema.optional(), broker: negotiatedSchema.optional() }),
  /** The connection of such a hop to the broker: what its two ends negotiated, and its flights from its SYN on. */
  inner: z
    .strictObject({
      hop: negotiatedSchema.optional(),
      broker: negotiatedSchema.optional(),
      /** When its SYN and the answer to it left, where a link looks. */
      dialledMs: z.number().optional(),
      acceptedMs: z.number().optional(),
      flights: z.array(flightSchema).optional(),
      /** When the hop passed CONNECT on, as it says itself. */
      forwardedMs: z.number().optional(),
    })
    .optional(),
  /** Bytes on the wire, TLS and MQTT, without TCP/IP headers; the handshake ends where the first application byte begins. */
  bytes: z
    .strictObject({
      handshakeUp: z.int().nonnegative(),
      handshakeDown: z.int().nonnegative(),
      up: z.int().nonnegative(),
      down: z.int().nonnegative(),
    })
    .optional(),
  flights: z.array(flightSchema),
  /** What the broker had to ask of access management, in order; absent where it has none. */
  access: z.array(accessDecisionSchema).optional(),
  /** Segments of the connection that were sent again; absent where the link does not see them. */
  retransmitted: z.int().nonnegative().optional(),
  /** Packets of the connection as they left their senders, acknowledgements too; absent where no link sees packets. */
  packets: packetCountsSchema.optional(),
  /** The TLS handshake as the link saw it pass; absent without TLS and where no link looks. */
  tls: wireFactsSchema.optional(),
});

export type Flight = z.infer<typeof flightSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;
export type Sample = z.infer<typeof sampleSchema>;
