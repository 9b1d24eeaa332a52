import * as z from 'zod';
import { negotiatedSchema } from '../measure/negotiated.ts';
import type { Protocol } from '../process/protocol.ts';
import { targetSchema } from './targets.ts';

const qosSchema = z.union([z.literal(0), z.literal(1), z.literal(2)]);

/** What the client's side saw of one attempt; instants are microseconds of the monotonic clock. */
export const attemptSchema = z.strictObject({
  id: z.int(),
  startedUs: z.number(),
  stampsUs: z.strictObject({
    tcpConnected: z.number().optional(),
    clientHandshakeDone: z.number().optional(),
    refused: z.number().optional(),
    connackReceived: z.number().optional(),
    subackReceived: z.number().optional(),
    pubackReceived: z.number().optional(),
    pubrecReceived: z.number().optional(),
    pubcompReceived: z.number().optional(),
  }),
  /** The client's own address and port, and the port it dialled: what joins the attempt with the link's flow. */
  local: z.strictObject({ host: z.string(), port: z.int() }).optional(),
  dialledPort: z.int(),
  /** What was added to `tcpConnected` for a handshake that the link stands in for. */
  modelledConnectMs: z.number().nonnegative(),
  negotiated: negotiatedSchema,
  bytes: z
    .strictObject({ handshakeUp: z.int(), handshakeDown: z.int(), up: z.int(), down: z.int() })
    .optional(),
  failure: z.strictObject({ reason: z.string(), detail: z.string() }).optional(),
});
export type Attempt = z.infer<typeof attemptSchema>;

const arrivalSchema = z.strictObject({ id: z.int(), cell: z.int(), atMs: z.number() });

export const handshakeJobSchema = z.strictObject({
  /** The instant from which `atMs` counts. */
  startUs: z.number(),
  arrivals: z.array(arrivalSchema),
  action: z.enum(['publish', 'subscribe']),
  qos: qosSchema,
  payloadBytes: z.int(),
  timeoutMs: z.int(),
});
export type HandshakeJob = z.infer<typeof handshakeJobSchema>;

export const publishJobSchema = z.strictObject({
  cell: z.int(),
  startUs: z.number(),
  seconds: z.int(),
  /** Of all publishers of the cell; the worker opens those that are in `publishers`. */
  ratePerPublisher: z.number(),
  publishers: z.array(z.strictObject({ index: z.int(), phase: z.number() })),
  payloadBytes: z.int(),
  qos: qosSchema,
  timeoutMs: z.int(),
});
export type PublishJob = z.infer<typeof publishJobSchema>;

export const publishedSchema = z.strictObject({
  /** Messages that were due and given to their publisher, or would have been if its connection had not been lost. */
  sentPerSecond: z.array(z.int()),
  lateSends: z.int(),
  /** Messages of QoS 1 and 2 that were not acknowledged in time, and of any QoS whose publisher was lost. */
  unacknowledged: z.int(),
});
export type Published = z.infer<typeof publishedSchema>;

export const collectedSchema = z.strictObject({
  received: z.int(),
  seconds: z.array(z.strictObject({ received: z.int(), endToEndHdr: z.string() })),
  serviceHdr: z.string(),
});
export type Collected = z.infer<typeof collectedSchema>;

export const failoverJobSchema = z.strictObject({
  cell: z.int(),
  /** The instant from which `atMs` counts. */
  startUs: z.number(),
  /** Those of this process; `phase` is where in the time between two pings the first one lies. */
  clients: z.array(z.strictObject({ index: z.int(), atMs: z.number(), phase: z.number() })),
  keepAliveSeconds: z.int(),
  pingTimeoutMs: z.int(),
  retryMs: z.int(),
  retryJitter: z.number(),
  attemptTimeoutMs: z.int(),
  payloadBytes: z.int(),
  /** What the jitter follows from. */
  seed: z.int(),
});
export type FailoverJob = z.infer<typeof failoverJobSchema>;

/** What became of a client whose path failed; instants are microseconds of the monotonic clock. */
export const returnedSchema = z.strictObject({
  index: z.int(),
  /** When it took its connection for dead, and what told it. */
  noticedUs: z.number().optional(),
  noticedBy: z.string().optional(),
  /** Attempts to come back. */
  attempts: z.int(),
  /** Of the last attempt that came so far. */
  tcpConnectedUs: z.number().optional(),
  connackUs: z.number().optional(),
  negotiated: negotiatedSchema.optional(),
  /** When it was back: its message was acknowledged. */
  pubackUs: z.number().optional(),
  lost: z.strictObject({ reason: z.string(), detail: z.string() }).optional(),
});
export type Returned = z.infer<typeof returnedSchema>;

/** What the runner and a swarm process say to each other. */
export const workerProtocol = {
  role: 'swarm',
  calls: {
    /** Answers what it runs on, with versions, and the cells that its TLS stack cannot serve. */
    prepare: {
      params: z.strictObject({ pkiFolder: z.string(), targets: z.array(targetSchema) }),
      result: z.strictObject({
        runtime: z.string(),
        unserved: z.array(z.strictObject({ cell: z.int(), reason: z.string() })),
      }),
    },
    /** Gathers sessions for the attempts of a cell that resumes; answers how many there are. */
    prime: {
      params: z.strictObject({
        cell: z.int(),
        count: z.int().positive(),
        perSecond: z.number().positive(),
        timeoutMs: z.int().positive(),
      }),
      result: z.strictObject({ sessions: z.int().nonnegative() }),
    },
    /** Opens standing subscribers and waits until each holds its SUBACK. */
    subscribe: {
      params: z.strictObject({
        cells: z.array(z.strictObject({ cell: z.int(), subscribers: z.int() })),
        /** `arrivals`: tell each delivery by its attempt; `messages`: count and time them. */
        purpose: z.enum(['arrivals', 'messages']),
        qos: qosSchema,
        timeoutMs: z.int(),
      }),
      result: z.void(),
    },
    /** Runs arrivals; answers when each of them has become an attempt. */
    handshake: { params: handshakeJobSchema, result: z.void() },
    /** Opens a cell's publishers and waits until each holds its CONNACK. */
    connectPublishers: { params: publishJobSchema.omit({ startUs: true }), result: z.void() },
    publish: { params: publishJobSchema, result: publishedSchema },
    /** What the standing subscribers of `messages` got from the given start on. */
    collect: { params: z.strictObject({ cell: z.int() }), result: collectedSchema },
    /** Starts counting afresh from an instant. */
    expectMessages: {
      params: z.strictObject({ cell: z.int(), startUs: z.number(), seconds: z.int() }),
      result: z.void(),
    },
    /** Connects clients that stay; resolves when each holds its CONNACK, or never will. */
    connectClients: { params: failoverJobSchema, result: z.void() },
    /** Waits until all of them are back after a failure, or the time is up. */
    awaitReturn: {
      params: z.strictObject({ cell: z.int(), untilUs: z.number() }),
      result: z.array(returnedSchema),
    },
    /** Starts nothing more, and ends what is under way as failed with the given reason. */
    cancel: { params: z.strictObject({ reason: z.string(), detail: z.string() }), result: z.void() },
    /** Closes standing clients. */
    disconnect: { params: z.null(), result: z.void() },
  },
  events: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('attempts'), attempts: z.array(attemptSchema) }),
    z.strictObject({
      kind: z.literal('deliveries'),
      deliveries: z.array(z.strictObject({ id: z.int(), atUs: z.number() })),
    }),
    /** A standing client was lost. */
    z.strictObject({ kind: z.literal('lost'), cell: z.int(), reason: z.string() }),
  ]),
} satisfies Protocol;
