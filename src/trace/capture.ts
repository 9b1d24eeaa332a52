import * as z from 'zod';
import { qosSchema } from '../swarm/workloads/settings/common.ts';
import { tracedSchema } from '../swarm/workloads/tracing.protocol.ts';

/** An IP packet at the client's end of a link. */
export interface CapturedPacket {
  /** Nanoseconds since 1970. */
  timeNs: bigint;
  from: 'client' | 'broker';
  /** From the IP header on. */
  bytes: Uint8Array;
}

/** What was traced; it stands in JSON, and in a capture's file beside the packets. */
export const aboutSchema = z.strictObject({
  mode: z.string(),
  link: z.string(),
  backend: z.string(),
  /** The broker as it names itself, with its version. */
  broker: z.string(),
  qos: qosSchema,
  payloadBytes: z.int().nonnegative(),
  /** Connections that went before it so that it is not cold; none of their packets is here. */
  warmupConnections: z.int().nonnegative(),
  startedAt: z.iso.datetime(),
  /** Packets were made of what the stand-in for TCP sent: no kernel saw them. */
  synthetic: z.boolean(),
  /** What became of the connection: done, refused as its mode has it, or failed. */
  outcome: tracedSchema.shape.outcome,
});

export type About = z.infer<typeof aboutSchema>;

/** One connection's packets, by time, with what they need to be read. */
export interface Capture {
  about: About;
  packets: CapturedPacket[];
  /** The TLS key log (NSS format): secret. Empty where there is none. */
  keyLog: string;
}

/** What is said of packets that no kernel ever saw, wherever they are shown. */
export const SYNTHETIC =
  'Synthetic packets: made of the segments that the stream proxy modelled, with the bytes that really passed. ' +
  'Sequence numbers begin at 0; no kernel saw them.';
