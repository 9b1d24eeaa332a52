import * as z from 'zod';
import { packetCountsSchema } from '../measure/packet-counts.ts';
import { tlsWireSchema } from '../measure/tls-wire.ts';

const endpointSchema = z.strictObject({ host: z.string(), port: z.int() });

/** A TCP endpoint on this machine. */
export type Endpoint = z.infer<typeof endpointSchema>;

/**
 * When what of a connection passed the broker's end of the link, in microseconds of the monotonic clock: the client's
 * bytes as they arrive there, in order and without a hole, the broker's own as they leave. What was not seen is absent.
 */
const atBrokerSchema = z.strictObject({
  /** The client's last part of the TCP handshake is there; where the link stands in for that, the broker is dialled. */
  acceptedUs: z.number().optional(),
  /** The client's first bytes. */
  firstFlightUs: z.number().optional(),
  /** All of the client's TLS handshake. */
  handshakeDoneUs: z.number().optional(),
  /**
   * The first byte of what ends the broker's handshake, where that comes after the client's: it has computed its part.
   * Neither resumed TLS 1.2 nor TLS 1.3 without tickets has it.
   */
  handshakeAnsweredUs: z.number().optional(),
  /** The first byte of CONNECT; under TLS all of its record, of which nothing can be read before. */
  connectReceivedUs: z.number().optional(),
  /** The first byte of CONNACK, or of its record. */
  connackSentUs: z.number().optional(),
  /** All of the first PUBLISH; without TLS, where it can be read. */
  publishReceivedUs: z.number().optional(),
  /** Under TLS, all that the client sent before CONNACK: of one that pipelines, PUBLISH with it. */
  togetherReceivedUs: z.number().optional(),
  /** Under TLS, the client's second application record: of one that waits for CONNACK, what it sends then. */
  nextReceivedUs: z.number().optional(),
});

export type AtBroker = z.infer<typeof atBrokerSchema>;

/** One connection as the link saw it. Instants are microseconds of the monotonic clock, as a real link would show them. */
export const flowSchema = z.strictObject({
  /** The client's own address and port. */
  client: endpointSchema,
  /** The port that the client dialled: with `client` it joins a flow with a sample; a client's port alone may be used twice at once. */
  dialledPort: z.int(),
  /**
   * The client's end as the other end of the link sees it, and the port that it comes to there; absent where that sees `client`
   * at `dialledPort`.
   */
  seenAs: endpointSchema.extend({ dialledPort: z.int() }).optional(),
  linkId: z.string(),
  /** It was seen on a link behind the clients' own, which the same packets cross after it. */
  far: z.literal(true).optional(),
  openedUs: z.number(),
  /** When the broker's SYN-ACK left, where the link sees it. */
  acceptedUs: z.number().optional(),
  /** At the broker's end of the link. */
  atBroker: atBrokerSchema,
  /** Departures of each flight's first byte from its sender. */
  flights: z.array(
    z.strictObject({ from: z.enum(['client', 'broker']), leavesUs: z.number(), bytes: z.int().positive() }),
  ),
  bytesUp: z.int().nonnegative(),
  bytesDown: z.int().nonnegative(),
  /** How late the latest released chunk was, in milliseconds. */
  maxLateMs: z.number().nonnegative(),
  /** What the TCP handshake took, in milliseconds, where the link stands in for it; absent before it is done. */
  modelledConnectMs: z.number().nonnegative().optional(),
  /** Segments that were sent more than once, where the link sees them. */
  retransmitted: z.int().nonnegative().optional(),
  /** All packets of the connection; absent where the link sees none. */
  packets: packetCountsSchema.optional(),
  /** The TLS handshake; absent where the client does not speak TLS. */
  tls: tlsWireSchema.optional(),
  /** The MQTT client identifier; without TLS, where it can be read. */
  clientId: z.string().optional(),
});

export type Flow = z.infer<typeof flowSchema>;

/** How exactly an open link released what it delayed. */
export const latenessSchema = z.strictObject({
  released: z.int().nonnegative(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
});

export type ReleaseLateness = z.infer<typeof latenessSchema>;
