import * as z from 'zod';
import type { Protocol } from '../process/protocol.ts';
import { hopRecordSchema, innerCertificateSchema } from './hop-record.ts';

const endpointSchema = z.strictObject({ host: z.string(), port: z.int() });

export const laneSchema = z.strictObject({
  /** The clients' mode, which the hop ends. */
  mode: z.string(),
  /** The mode of its own connections to the broker. */
  innerMode: z.string(),
  target: endpointSchema,
});

export const hopListenSchema = z.strictObject({
  host: z.string(),
  lanes: z.array(laneSchema),
  pkiFolder: z.string(),
  /** Whether connections to the broker stand ready before a client comes. */
  warm: z.boolean(),
  innerCertificate: innerCertificateSchema,
});

const refusalSchema = z.strictObject({ mode: z.string(), atUs: z.number(), reason: z.string() });

/** What the runner and a hop process say to each other. */
export const hopProtocol = {
  role: 'hop',
  isTimed: true,
  calls: {
    /** Answers the port of each lane, in their order. */
    listen: { params: hopListenSchema, result: z.strictObject({ ports: z.array(z.int()) }) },
    /** Reports what is open too. */
    flush: { params: z.null(), result: z.void() },
  },
  events: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('records'), records: z.array(hopRecordSchema) }),
    z.strictObject({ kind: z.literal('refusals'), refusals: z.array(refusalSchema) }),
  ]),
} satisfies Protocol;
