import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';
import { flowSchema, latenessSchema } from '../flow.ts';
import { recordedSchema } from '../recorded.ts';
import { linkSpecSchema } from '../spec.ts';
import { trafficSchema } from '../traffic.ts';

const endpointSchema = z.strictObject({ host: z.string(), port: z.int() });

/** What the emulator process is asked and tells. */
export const proxyProtocol = {
  role: 'link',
  isTimed: true,
  calls: {
    /** What loss and jitter follow from, and whether packets are told; before the first route. */
    open: { params: z.strictObject({ seed: z.int(), records: z.boolean() }), result: z.null() },
    /** Listens on a free port for clients of one broker listener over one link. */
    route: {
      params: z.strictObject({ link: linkSpecSchema, target: endpointSchema }),
      result: z.strictObject({ port: z.int() }),
    },
    /** Tells all flows that are finished, and all packets that were recorded, then answers. */
    lateness: { params: z.null(), result: latenessSchema.optional() },
    /** What crossed each link until now, by its id. */
    traffic: { params: z.null(), result: z.record(z.string(), trafficSchema) },
    /** Closes every listener and connection and tells all flows, then answers. */
    close: { params: z.null(), result: z.null() },
  },
  /** Flows come in batches: a message for each would cost more than the connection's own bytes. */
  events: z.union([
    z.strictObject({ flows: z.array(flowSchema) }),
    z.strictObject({ packets: z.array(recordedSchema) }),
  ]),
} satisfies Protocol;
