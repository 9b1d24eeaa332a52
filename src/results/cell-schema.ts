import * as z from 'zod';
import { MILESTONE_NAMES, WIRE_INSTANTS } from '../measure/milestones.ts';
import { PATH_KINDS } from '../model/hops.ts';
import { qosSchema } from '../swarm/workloads/settings/common.ts';
import { wakeSchema } from './wake-schema.ts';
import { loadProtectionSchema } from './protection-schema.ts';
import { distributionSchema } from './distribution-schema.ts';
import { holdSchema, loadSchema, stormSchema } from './fleet-schema.ts';

const count = z.int().nonnegative();

export const tripsSchema = z.strictObject({
  /**
   * One-way trips in theory, those included that a large flight waits for the congestion window; behind a hop those over
   * the outer link.
   */
  predicted: z.int(),
  /** Round trips of `predicted` that a large flight waits for the congestion window; absent where there are none. */
  slowStartRounds: z.int().positive().optional(),
  /**
   * What the flights' bytes take at the link's rate, part of `predictedMs`; absent without a rate, and where no link saw
   * the flights.
   */
  serializationMs: z.number().optional(),
  /** What access management adds to `predictedMs`; absent where it adds nothing. */
  accessMs: z.number().optional(),
  /** Trips × the measured one-way delays of all links, waiting for the congestion window, serialization, and access management. */
  predictedMs: z.number(),
  /**
   * Trips that the medians over this link and over a null link of the same run amount to; absent without a null link,
   * and over a link with jitter, loss or a rate, which add time that is no trip.
   */
  inferred: z.number().optional(),
  /** Median minus predictedMs. */
  residualMs: z.number(),
  /** Median over the null link, for comparison; absent without a null link. */
  nullP50Ms: z.number().optional(),
  /**
   * Trips over the link behind the hop; absent without one. `inferred` is from a cell that differs in nothing but the
   * delay of that link.
   */
  inner: z.strictObject({ predicted: z.int(), inferred: z.number().optional() }).optional(),
});

/** A row of the flight table: what leaves (or arrives) when, predicted beside measured. */
export const flightRowSchema = z.strictObject({
  from: z.enum(['client', 'hop', 'broker']),
  /** Absent where it goes to the other one of client and broker. */
  to: z.enum(['client', 'hop', 'broker']).optional(),
  what: z.string(),
  /** Trips before it leaves; behind a hop those over the outer link. */
  trips: z.int(),
  /** Trips over the link behind a hop before it leaves; absent without one. */
  innerTrips: z.int().optional(),
  predictedMs: z.number(),
  measuredMs: z.number().optional(),
  source: z.enum(['measured', 'modelled']),
  count,
  /** Median bytes of the flight. */
  bytes: z.number().optional(),
});

export const throughputSchema = z.strictObject({
  /**
   * Messages a second: asked of all publishers together, sent, and received by all subscribers together. Who cannot keep up
   * with what is asked needs longer than the schedule, and its rate is over that longer time; older files have the
   * schedule's.
   */
  askedPerSecond: z.number(),
  sentPerSecond: z.number(),
  receivedPerSecond: z.number(),
  publishers: count,
  subscribers: count,
  payloadBytes: count,
  qos: qosSchema,
  sent: count,
  /** Messages that were due when their publisher had been lost; absent where there are none, and in older files. */
  unsent: count.optional(),
  /** Deliveries of genuine messages, opened where they are protected. */
  received: count,
  /** Deliveries that should have come (sent and unsent × subscribers, without altered messages) and did not, nor were refused. */
  lost: z.int(),
  /** Messages that left more than 10 ms after their intended time. */
  lateSends: count,
  /** From the intended time of publishing to the subscriber's application. */
  endToEnd: distributionSchema.optional(),
  /** From the real time of publishing. */
  service: distributionSchema.optional(),
  /** Absent where payloads are not protected, and in older files. */
  protection: loadProtectionSchema.optional(),
  /** Of the publishers, while they published; absent in older files. */
  generator: loadSchema.optional(),
  /**
   * One entry for each second of the schedule, and of what came after it: what was sent in it, what came in it (counted
   * from when the first message could be there), and the latency of what was intended for it.
   */
  seconds: z.array(
    z.strictObject({
      second: count,
      sent: count,
      received: count,
      p50Ms: z.number().optional(),
      p95Ms: z.number().optional(),
      p99Ms: z.number().optional(),
    }),
  ),
});

/** What became of clients whose path failed; distributions count from the failure but for `reconnecting`. */
export const failoverSchema = z.strictObject({
  clients: count,
  back: count,
  lost: count,
  /** Of those who are back, who resumed a TLS session. */
  resumed: count,
  /** Attempts to come back, of all clients. */
  attempts: count,
  /** Why clients were lost. */
  reasons: z.record(z.string(), count),
  /** What told clients that their connection was dead. */
  noticedBy: z.record(z.string(), count),
  /** From the first client's intended start. */
  failedAtMs: z.number(),
  /** When the routes led over the other path. */
  changedOverAtMs: z.number(),
  /** Clients took their connection for dead. */
  noticed: distributionSchema.optional(),
  /** Of those who are back: TCP was connected, CONNACK read, and PUBACK, by which they are back. */
  tcpConnected: distributionSchema.optional(),
  connackReceived: distributionSchema.optional(),
  returned: distributionSchema.optional(),
  /** From noticing to PUBACK. */
  reconnecting: distributionSchema.optional(),
});

export const cellResultSchema = z.strictObject({
  /** `mode/link/broker/topology/workload`: stable and greppable. */
  id: z.string(),
  mode: z.string(),
  link: z.string(),
  broker: z.string(),
  topology: z.string(),
  workload: z.string(),
  /**
   * The way behind a hop: the link that leads from it to the broker, and whether every packet crosses both links
   * (`through`), the hop ends the client's connection and has one of its own (`split`), the inner link is the
   * subscribers' alone (`aside`), or nobody is let through (`closed`). Absent without a hop.
   */
  path: z.strictObject({ kind: z.enum(PATH_KINDS), innerLink: z.string() }).optional(),
  /** What both ends agreed on, counted over the samples: the keys are one-line descriptions. */
  negotiated: z.record(z.string(), count),
  samples: z.strictObject({
    attempted: count,
    ok: count,
    failed: count,
    excluded: count,
    /** Good samples that the machine or the link disturbed: kept, counted, left out of the figures. */
    tainted: count,
    /** Attempts that warmed the lab up; not in `attempted`. */
    warmup: count,
    /** Of the attempts, those with segments that were sent again, and how many such segments there were; absent where no link sees them. */
    retransmitted: z.strictObject({ attempts: count, segments: count }).optional(),
    /** How often each reason of failure, exclusion or taint occurred. */
    reasons: z.record(z.string(), count),
  }),
  /** From the intended start. */
  milestones: z.partialRecord(z.enum(MILESTONE_NAMES), distributionSchema),
  /** The same from the real start (service time). */
  service: z.partialRecord(z.enum(MILESTONE_NAMES), distributionSchema),
  trips: z.partialRecord(z.enum(MILESTONE_NAMES), tripsSchema),
  flights: z.array(flightRowSchema),
  /**
   * Medians over the good samples, disturbed ones too, since no machine changes what is sent; the handshake ends where the
   * first application byte begins.
   */
  bytes: z.strictObject({ handshakeUp: z.number(), handshakeDown: z.number() }).optional(),
  /**
   * The TLS handshake as the link saw it: medians over the same samples, where it saw it whole. `bytes` of a message
   * are without record headers, those of an encrypted record with its authentication tag; `count` is how many had it.
   */
  wire: z
    .strictObject({
      handshakeUp: z.number(),
      handshakeDown: z.number(),
      recordsUp: z.number(),
      recordsDown: z.number(),
      messages: z.array(
        z.strictObject({ from: z.enum(['client', 'broker']), name: z.string(), bytes: z.number(), count }),
      ),
    })
    .optional(),
  /**
   * Who tells of the broker's side: the broker itself, or what passes its end of the link. Of a broker that tells,
   * `differences` are its instants minus the wire's, the medians over the good samples that have both. Absent in older
   * files, which know the broker alone, and in cells without good handshakes.
   */
  brokerSide: z
    .strictObject({
      source: z.enum(['broker', 'wire']),
      differences: z
        .partialRecord(z.enum(WIRE_INSTANTS), z.strictObject({ count, p50Ms: z.number() }))
        .optional(),
    })
    .optional(),
  throughput: throughputSchema.optional(),
  /** Of a workload in which a path fails; absent elsewhere, and in older files. */
  failover: failoverSchema.optional(),
  /** Of sensors that wake up; absent elsewhere, where no wake-up was good, and in older files. */
  wake: wakeSchema.optional(),
  /** Of a workload in which a fleet comes all at one time, and of one in which it stays; absent elsewhere, and in older files. */
  storm: stormSchema.optional(),
  hold: holdSchema.optional(),
  /** What the broker asked of access management, over all attempts that count; absent where it has none. */
  access: z
    .strictObject({
      at: z.enum(['connect', 'topic']),
      /** How long the service was told to take. */
      delayMs: z.number(),
      cache: z.boolean(),
      /** Questions that the broker put to the service, and those to which it had kept an answer. */
      asked: count,
      kept: count,
      denied: count,
      unanswered: count,
      /** Median of what the questions that were put took, as the broker saw it. */
      askedP50Ms: z.number().optional(),
    })
    .optional(),
});

export type Trips = z.infer<typeof tripsSchema>;
export type FlightRow = z.infer<typeof flightRowSchema>;
export type Failover = z.infer<typeof failoverSchema>;
export type Throughput = z.infer<typeof throughputSchema>;
export type CellResult = z.infer<typeof cellResultSchema>;
