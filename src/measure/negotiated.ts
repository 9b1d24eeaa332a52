import * as z from 'zod';

/** What one end of a connection says was negotiated. Absent values do not exist in that mode or at that end. */
export const negotiatedSchema = z.strictObject({
  /** `TLSv1.2`, `TLSv1.3`; absent on plain TCP. */
  protocol: z.string().optional(),
  /** The IANA name of the cipher suite, such as `TLS_AES_128_GCM_SHA256`. */
  suite: z.string().optional(),
  /** The key-exchange group, such as `X25519`; Node tells it to the client only, so the broker's comes from the wire. */
  group: z.string().optional(),
  /** Whether the broker asked for another ClientHello (RFC 8446 §2.1); from the wire, for both ends, where a link looks. */
  helloRetryRequest: z.boolean().optional(),
  /** True when an earlier session was resumed; an external PSK of TLS 1.3 is not a resumption. */
  resumed: z.boolean().optional(),
  /** The client holds a ticket of its session, or the wire shows one of TLS 1.2 that the broker issued (RFC 5077). */
  ticket: z.literal(true).optional(),
  /** The PSK identity that this end used. */
  pskIdentity: z.string().optional(),
  /** The common name of the peer's certificate, after it was verified. */
  peerName: z.string().optional(),
  /** What the broker checked in CONNECT before it let the client in or refused it, such as `password`. */
  authenticated: z.enum(['client-id', 'password', 'client-id-and-password', 'x509']).optional(),
  /** How the client was refused: `connack:4`, `suback:0x80`, `closed-by-broker`, or a TLS alert. */
  refusal: z.string().optional(),
  /** Whether this end switched Nagle's algorithm off. */
  noDelay: z.boolean().optional(),
});

export type Negotiated = z.infer<typeof negotiatedSchema>;
