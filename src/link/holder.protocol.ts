import * as z from 'zod';
import type { Protocol } from '../process/protocol.ts';
import { flowSchema } from './flow.ts';
import { recordedSchema } from './recorded.ts';

/** What the runner and a process that holds a network namespace say to each other. */
export const holderProtocol = {
  role: 'link',
  isTimed: false,
  calls: {
    /** Settles what would make one connection differ from the next, and keeps IPv6's own packets off the links. */
    steady: { params: z.null(), result: z.void() },
    /** Makes a router of the namespace: packets that are for others are sent on. */
    forward: { params: z.null(), result: z.void() },
    /** Runs a command in the namespace; answers its standard output, or fails with its standard error. */
    run: {
      params: z.strictObject({ argv: z.tuple([z.string()], z.string()), input: z.string().optional() }),
      result: z.strictObject({ stdout: z.string() }),
    },
    /**
     * Watches the packets of the namespace; `device` shows them as they leave their senders. `records`: this is the
     * clients' end, of which packets are told and no flows.
     */
    watch: { params: z.strictObject({ device: z.string(), records: z.boolean() }), result: z.void() },
    /** Follows the connections of a link, whose other end's packets come in through `device`. */
    follow: {
      params: z.strictObject({ linkId: z.string(), brokerAddress: z.string(), device: z.string() }),
      result: z.void(),
    },
    /** Tells what has finished, or all there is, then answers. */
    flush: { params: z.strictObject({ all: z.boolean() }), result: z.void() },
  },
  events: z.union([
    z.strictObject({ flows: z.array(flowSchema) }),
    z.strictObject({ packets: z.array(recordedSchema) }),
  ]),
} satisfies Protocol;
