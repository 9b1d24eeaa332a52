import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';
import { flowSchema, latenessSchema } from '../flow.ts';

const endpointSchema = z.strictObject({ host: z.string(), port: z.int() });

/** What the emulator process is asked and tells. */
export const proxyProtocol = {
  role: 'link',
  calls: {
    /** Listens on a free port for clients of one broker listener over one link. */
    route: {
      params: z.strictObject({
        linkId: z.string(),
        upMs: z.number().nonnegative(),
        downMs: z.number().nonnegative(),
        target: endpointSchema,
      }),
      result: z.strictObject({ port: z.int() }),
    },
    /** Tells all flows that are finished, then answers. */
    lateness: { params: z.null(), result: latenessSchema.optional() },
    /** Closes every listener and connection and tells all flows, then answers. */
    close: { params: z.null(), result: z.null() },
  },
  /** Flows come in batches: a message for each would cost more than the connection's own bytes. */
  events: z.strictObject({ flows: z.array(flowSchema) }),
} satisfies Protocol;
