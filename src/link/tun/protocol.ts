import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';
import { flowSchema, latenessSchema } from '../flow.ts';
import { recordedSchema } from '../recorded.ts';
import { linkSpecSchema } from '../spec.ts';
import { trafficSchema } from '../traffic.ts';

/** What the runner and the process of the TUN delay line say to each other. */
export const tunProtocol = {
  role: 'link',
  isTimed: true,
  calls: {
    /** Makes the device and brings it up; `records`: its packets are told. */
    open: { params: z.strictObject({ seed: z.int(), records: z.boolean() }), result: z.void() },
    /** Lets clients reach a listener over a link; answers the address to dial. */
    route: {
      params: z.strictObject({ link: linkSpecSchema, port: z.int() }),
      result: z.strictObject({ host: z.string() }),
    },
    /**
     * Lays a cable: a link between two devices that stand in the network namespaces of these processes. Answers the
     * number of its network and the names of the devices, which are down and have no address yet.
     */
    lay: {
      params: z.strictObject({
        link: linkSpecSchema,
        tap: z.enum(['none', 'near', 'far']),
        client: z.int().positive(),
        broker: z.int().positive(),
      }),
      result: z.strictObject({ index: z.int().nonnegative(), client: z.string(), broker: z.string() }),
    },
    /** Runs a command in the namespace of the clients; answers its standard output, or fails with its standard error. */
    run: {
      params: z.strictObject({ argv: z.tuple([z.string()], z.string()), input: z.string().optional() }),
      result: z.strictObject({ stdout: z.string() }),
    },
    lateness: {
      params: z.null(),
      result: latenessSchema.optional(),
    },
    /** What crossed each link until now, by its id. */
    traffic: { params: z.null(), result: z.record(z.string(), trafficSchema) },
    close: { params: z.null(), result: z.void() },
  },
  events: z.union([
    z.strictObject({ flows: z.array(flowSchema) }),
    z.strictObject({ packets: z.array(recordedSchema) }),
  ]),
} satisfies Protocol;
