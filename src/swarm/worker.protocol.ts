import * as z from 'zod';
import { openingSchema } from '../payload/opening.ts';
import { injectedSchema, toldApartSchema } from '../payload/tally.ts';
import type { Protocol } from '../process/protocol.ts';
import { targetSchema } from './targets.ts';
import { failoverJobSchema, returnedSchema } from './workloads/failover.protocol.ts';
import { fleetJobSchema } from './workloads/fleet.protocol.ts';
import { attemptSchema, handshakeJobSchema } from './workloads/handshake.protocol.ts';
import { heldSchema, holdJobSchema, openedSchema } from './workloads/hold.protocol.ts';
import { traceJobSchema, tracedSchema } from './workloads/tracing.protocol.ts';
import { collectedSchema, publishedSchema, publishJobSchema } from './workloads/pubsub.protocol.ts';
import { clientSchema, qosSchema } from './workloads/settings/common.ts';
import { stormedSchema, stormJobSchema } from './workloads/storm.protocol.ts';

/** What the runner and a swarm process say to each other. */
export const workerProtocol = {
  role: 'swarm',
  isTimed: true,
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
        cells: z.array(
          z.strictObject({
            cell: z.int(),
            subscribers: z.int(),
            /** What they open, with the keys of the private folder; absent: payloads come in clear. */
            opening: openingSchema.optional(),
          }),
        ),
        client: clientSchema,
        /** `arrivals`: tell each delivery by its attempt; `messages`: count and time them. */
        purpose: z.enum(['arrivals', 'messages']),
        qos: qosSchema,
        timeoutMs: z.int(),
      }),
      result: z.void(),
    },
    /** Runs arrivals; answers when each of them has become an attempt. */
    handshake: { params: handshakeJobSchema, result: z.void() },
    /** Runs one connection from CONNECT to DISCONNECT; answers when its socket is closed. */
    trace: { params: traceJobSchema, result: tracedSchema },
    /** Opens a cell's publishers and waits until each holds its CONNACK. */
    connectPublishers: { params: publishJobSchema.omit({ startUs: true }), result: z.void() },
    publish: { params: publishJobSchema, result: publishedSchema },
    /** What the standing subscribers of `messages` got from the given start on. */
    collect: { params: z.strictObject({ cell: z.int() }), result: collectedSchema },
    /** What the subscribers of protected messages made of those that were altered on their way, and of the others. */
    tellApart: {
      params: z.strictObject({ cell: z.int(), injected: z.array(injectedSchema), subscribers: z.int() }),
      result: toldApartSchema,
    },
    /** Which of these ways to protect a payload do not work in this process, and why. */
    payloadLacks: {
      params: z.strictObject({ methods: z.array(z.string()) }),
      result: z.array(z.strictObject({ method: z.string(), reason: z.string() })),
    },
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
    /** Connects clients at a rate, and closes them when all have been answered; answers how many were. */
    warmUp: {
      params: z.strictObject({ job: fleetJobSchema, perSecond: z.number().positive() }),
      result: z.strictObject({ connected: z.int() }),
    },
    /** Makes the clients of a storm, and connects those that are to come back; answers how many are there. */
    openStorm: { params: stormJobSchema, result: z.strictObject({ connected: z.int() }) },
    /** Lets them come from an instant on; answers when each is connected, or never will be. */
    storm: { params: z.strictObject({ cell: z.int(), startUs: z.number() }), result: stormedSchema },
    /** Connects clients that stay; answers when each is connected, or never will be. */
    openHold: { params: holdJobSchema, result: openedSchema },
    /** Holds them from an instant on for a time. */
    hold: {
      params: z.strictObject({ cell: z.int(), startUs: z.number(), seconds: z.int() }),
      result: heldSchema,
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
