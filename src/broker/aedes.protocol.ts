import * as z from 'zod';
import { accessDecisionSchema } from '../measure/access.ts';
import { negotiatedSchema } from '../measure/negotiated.ts';
import { openingSchema } from '../payload/opening.ts';
import { injectedSchema, tallySchema, toldApartSchema } from '../payload/tally.ts';
import type { Protocol } from '../process/protocol.ts';
import { enquirySchema } from './access/enquiry.ts';

const recordSchema = z.strictObject({
  clientId: z.string(),
  acceptedUs: z.number(),
  handshakeDoneUs: z.number().optional(),
  connectReceivedUs: z.number(),
  connackSentUs: z.number().optional(),
  publishReceivedUs: z.number().optional(),
  negotiated: negotiatedSchema,
  access: z.array(accessDecisionSchema).optional(),
});

const refusalSchema = z.strictObject({ mode: z.string(), atUs: z.number(), reason: z.string() });

export const listenSchema = z.strictObject({
  host: z.string(),
  /** Where no port is named, the kernel chooses. */
  listeners: z.array(z.strictObject({ mode: z.string(), port: z.int().min(1).max(65_535).optional() })),
  pkiFolder: z.string(),
  noDelay: z.boolean(),
  /** The access-management service to ask; absent: clients may use what they like. */
  access: enquirySchema.optional(),
});

/** What the runner and the Aedes process say to each other. */
export const aedesProtocol = {
  role: 'broker',
  isTimed: true,
  calls: {
    listen: {
      params: listenSchema,
      result: z.strictObject({
        ports: z.array(z.strictObject({ mode: z.string(), port: z.int() })),
        unserved: z.array(z.strictObject({ mode: z.string(), reason: z.string() })),
        runtime: z.string(),
      }),
    },
    /** From now on opens protected payloads of these topics before they are distributed; null: none. */
    openPayloads: { params: openingSchema.nullable(), result: z.void() },
    /** What it made of them since. */
    openedPayloads: {
      params: z.strictObject({ injected: z.array(injectedSchema) }),
      result: tallySchema.extend(toldApartSchema.shape),
    },
    /** Reports what is open too. */
    flush: { params: z.null(), result: z.void() },
  },
  events: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('records'), records: z.array(recordSchema) }),
    z.strictObject({ kind: z.literal('refusals'), refusals: z.array(refusalSchema) }),
  ]),
} satisfies Protocol;
