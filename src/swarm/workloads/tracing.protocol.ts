import * as z from 'zod';
import { payloadBytesSchema, qosSchema, timeoutSchema } from './settings/common.ts';

/** One connection that does everything once: CONNECT, SUBSCRIBE, PUBLISH, its delivery, PINGREQ, DISCONNECT. */
export const traceJobSchema = z.strictObject({
  cell: z.int(),
  /** Of the subscription and of what is published. */
  qos: qosSchema,
  payloadBytes: payloadBytesSchema,
  timeoutMs: timeoutSchema,
});

export type TraceJob = z.infer<typeof traceJobSchema>;

/** What became of it. */
export const tracedSchema = z.strictObject({
  /** The client's own end; absent when TCP did not connect. */
  local: z.strictObject({ host: z.string(), port: z.int() }).optional(),
  /** The TLS key log (NSS format), of this connection alone: secret. Empty without TLS, or where the runtime tells none. */
  keyLog: z.string(),
  /** `refused`: the broker said no where the mode, or its settings, have it do so. */
  outcome: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('ok') }),
    z.strictObject({ status: z.enum(['refused', 'failed']), reason: z.string(), detail: z.string() }),
  ]),
});

export type Traced = z.infer<typeof tracedSchema>;
