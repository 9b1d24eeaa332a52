import * as z from 'zod';
import { negotiatedSchema } from '../../measure/negotiated.ts';
import { clientSchema, qosSchema } from './settings/common.ts';

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
    disconnected: z.number().optional(),
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
  client: clientSchema,
  payloadBytes: z.int(),
  timeoutMs: z.int(),
  /** Attempts are wake-ups: so many messages leave together, and an attempt is over when its socket is closed. */
  wake: z.strictObject({ messages: z.int().positive() }).optional(),
});
export type HandshakeJob = z.infer<typeof handshakeJobSchema>;
