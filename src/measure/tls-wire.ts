import * as z from 'zod';

const endSchema = z.enum(['client', 'broker']);
const bytesSchema = z.int().nonnegative();

/** A handshake message whose header could be read; `bytes` with its header of 4 bytes (RFC 8446 §4). */
const messageSchema = z.strictObject({ name: z.string(), bytes: bytesSchema });

/** One TLS record, or `count` of the same size one after another. */
export const tlsRecordSchema = z.strictObject({
  from: endSchema,
  record: z.enum(['handshake', 'change_cipher_spec', 'alert', 'application_data']),
  /** On the wire, the record's header of 5 bytes included. */
  bytes: bytesSchema,
  count: z.int().min(2).optional(),
  /** Those that begin in this record; absent where the record is encrypted. */
  messages: z.array(messageSchema).optional(),
});

/** What one end sent until its first application byte. */
const shareSchema = z.strictObject({ bytes: bytesSchema, records: bytesSchema });

/** An alert; one that was encrypted is told without its level and description. */
const alertSchema = z.strictObject({
  from: endSchema,
  level: z.enum(['warning', 'fatal']).optional(),
  /** The name of RFC 8446 §6 or RFC 5246 §7.2. */
  description: z.string().optional(),
});

const sessionSchema = z.enum(['session_id', 'session_ticket', 'pre_shared_key']);

/** Facts of a handshake that its plaintext tells. What is absent was not seen. */
const plaintextSchema = z.strictObject({
  /** `TLSv1.2`, `TLSv1.3`, as negotiated. */
  version: z.string().optional(),
  /** The IANA name of the cipher suite, or its code such as `0xc0ff`. */
  suite: z.string().optional(),
  /** The IANA name of the key-exchange group (TLS Supported Groups), or its code. */
  group: z.string().optional(),
  helloRetryRequest: z.boolean().optional(),
  /** What the client offered to resume or to use as a PSK, and which of it the broker took. */
  session: z
    .strictObject({
      offered: z.array(sessionSchema),
      accepted: sessionSchema.or(z.literal('none')).optional(),
    })
    .optional(),
  /** Certificates that each end showed, where the message is plaintext (up to TLS 1.2). */
  brokerCertificates: bytesSchema.optional(),
  clientCertificates: bytesSchema.optional(),
  alerts: z.array(alertSchema).optional(),
  /**
   * Why the tap stopped before application data: bytes were missed, were no TLS records, or were too many. What it
   * told until then holds.
   */
  incomplete: z.enum(['hole', 'malformed', 'limit']).optional(),
});

/** The TLS handshake of one connection as the link saw it pass. */
export const tlsWireSchema = plaintextSchema.extend({
  /** The handshake's records in the order in which they passed; the first 64. */
  records: z.array(tlsRecordSchema),
  /** Absent for an end whose first application byte was not seen. */
  handshake: z.strictObject({ up: shareSchema.optional(), down: shareSchema.optional() }),
});

/**
 * The same, condensed for a sample. `bytes` of `messages` are without record headers: where a handshake is complete,
 * the messages of an end and 5 bytes for each of its records are its bytes on the wire.
 */
export const wireFactsSchema = plaintextSchema.extend({
  handshakeUp: bytesSchema.optional(),
  handshakeDown: bytesSchema.optional(),
  recordsUp: bytesSchema.optional(),
  recordsDown: bytesSchema.optional(),
  messages: z.array(messageSchema.extend({ from: endSchema })),
});

export type TlsRecord = z.infer<typeof tlsRecordSchema>;
export type TlsWire = z.infer<typeof tlsWireSchema>;
export type WireFacts = z.infer<typeof wireFactsSchema>;
export type SessionKind = z.infer<typeof sessionSchema>;
