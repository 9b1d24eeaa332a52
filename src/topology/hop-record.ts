import * as z from 'zod';
import { negotiatedSchema } from '../measure/negotiated.ts';

/**
 * What a hop that ends the clients' connections stamped of one of them. Instants are microseconds of the monotonic
 * clock. `outer` is its end of the client's connection, `inner` its own connection to the broker.
 */
export const hopRecordSchema = z.strictObject({
  /** Of the MQTT CONNECT that it passed on. */
  clientId: z.string(),
  outer: z.strictObject({
    acceptedUs: z.number(),
    handshakeDoneUs: z.number().optional(),
    firstByteUs: z.number(),
    negotiated: negotiatedSchema,
  }),
  inner: z.strictObject({
    /** Before the client came, where the connection was warm. */
    dialledUs: z.number(),
    /** When the broker could be spoken to, TLS included; absent where it never could. */
    readyUs: z.number().optional(),
    /** Whether the connection stood before the client needed it. */
    warm: z.boolean(),
    negotiated: negotiatedSchema,
    /** Its own end, and the port that it dialled. */
    local: z.strictObject({ host: z.string(), port: z.int(), dialledPort: z.int() }).optional(),
    /** Why the broker could not be reached, so that the client was sent away. */
    failure: z.strictObject({ reason: z.string(), detail: z.string() }).optional(),
  }),
});

export type HopRecord = z.infer<typeof hopRecordSchema>;

/** What a hop is wrong about on purpose: the authority that it trusts, or the broker's name. */
export const innerCertificateSchema = z.enum(['valid', 'wrong-ca', 'wrong-name']);

/** A name that no certificate of the run carries. */
export const WRONG_NAME = 'elsewhere.mqtt-tls-bench.test';

export type InnerCertificate = z.infer<typeof innerCertificateSchema>;
