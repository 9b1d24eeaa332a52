import * as z from 'zod';
import { tlsWireSchema } from '../measure/tls-wire.ts';

const endpointSchema = z.strictObject({ host: z.string(), port: z.int() });

/** A TCP endpoint on this machine. */
export type Endpoint = z.infer<typeof endpointSchema>;

/** One connection as the link saw it. Instants are microseconds of the monotonic clock, as a real link would show them. */
export const flowSchema = z.strictObject({
  /** The client's own address and port. */
  client: endpointSchema,
  /** The port that the client dialled: with `client` it joins a flow with a sample; a client's port alone may be used twice at once. */
  dialledPort: z.int(),
  linkId: z.string(),
  openedUs: z.number(),
  /** When the broker's SYN-ACK left, where the link sees it. */
  acceptedUs: z.number().optional(),
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
  /** The TLS handshake; absent where the client does not speak TLS. */
  tls: tlsWireSchema.optional(),
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
