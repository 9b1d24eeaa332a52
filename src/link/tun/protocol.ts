import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';
import { linkSpecSchema } from '../spec.ts';

const endpointSchema = z.strictObject({ host: z.string(), port: z.int() });

/** {@link import('../backend.ts').Flow} as it crosses a process boundary. */
export const flowSchema = z.strictObject({
  client: endpointSchema,
  linkId: z.string(),
  openedUs: z.number(),
  acceptedUs: z.number().optional(),
  flights: z.array(
    z.strictObject({ from: z.enum(['client', 'broker']), leavesUs: z.number(), bytes: z.int() }),
  ),
  bytesUp: z.int(),
  bytesDown: z.int(),
  maxLateMs: z.number(),
  retransmitted: z.int().optional(),
});

/** What the runner and the process of the TUN delay line say to each other. */
export const tunProtocol = {
  role: 'link',
  calls: {
    /** Makes the device and brings it up. */
    open: { params: z.strictObject({ seed: z.int() }), result: z.void() },
    /** Lets clients reach a listener over a link; answers the address to dial. */
    route: {
      params: z.strictObject({ link: linkSpecSchema, port: z.int() }),
      result: z.strictObject({ host: z.string() }),
    },
    lateness: {
      params: z.null(),
      result: z
        .strictObject({ released: z.int(), p50Ms: z.number(), p99Ms: z.number(), maxMs: z.number() })
        .optional(),
    },
    /** Packets that were dropped, by reason. */
    drops: { params: z.null(), result: z.record(z.string(), z.int()) },
    close: { params: z.null(), result: z.void() },
  },
  events: z.strictObject({ flows: z.array(flowSchema) }),
} satisfies Protocol;
