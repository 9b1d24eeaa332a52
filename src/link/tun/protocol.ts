import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';
import { flowSchema, latenessSchema } from '../flow.ts';
import { linkSpecSchema } from '../spec.ts';
import { trafficSchema } from '../traffic.ts';

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
      result: latenessSchema.optional(),
    },
    /** What crossed each link until now, by its id. */
    traffic: { params: z.null(), result: z.record(z.string(), trafficSchema) },
    close: { params: z.null(), result: z.void() },
  },
  events: z.strictObject({ flows: z.array(flowSchema) }),
} satisfies Protocol;
