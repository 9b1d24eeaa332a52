import * as z from 'zod';
import { aboutSchema, type About } from './capture.ts';
import type { Dissected } from './dissect.ts';
import { infoOf } from './listing.ts';

/** The `--json` document of a trace, version 1. No secret stands in it. */
export const traceDocumentSchema = z.strictObject({
  traceVersion: z.literal(1),
  ...aboutSchema.shape,
  /** False where a file that was read is not whole: then packets are missing. */
  complete: z.boolean(),
  /** Absent where the client does not speak TLS. */
  tls: z
    .strictObject({
      version: z.string().optional(),
      suite: z.string().optional(),
      /** Encrypted records that could not be decrypted, and are named by their type alone. */
      unreadRecords: z.int().nonnegative(),
    })
    .optional(),
  packets: z.array(
    z.strictObject({
      number: z.int().positive(),
      /** Since the first packet, and since the one before; negative where the times of a file that was read go back. */
      timeSeconds: z.number(),
      sincePreviousSeconds: z.number(),
      from: z.enum(['client', 'broker']),
      /** `address:port`. */
      source: z.string(),
      destination: z.string(),
      protocol: z.string(),
      /** Of the IP packet. */
      lengthBytes: z.int().positive(),
      info: z.string(),
      tcp: z.strictObject({
        flags: z.array(z.enum(['SYN', 'FIN', 'RST', 'PSH', 'ACK'])),
        /** Counted from the SYN, which has 0. */
        sequence: z.int(),
        acknowledgement: z.int().optional(),
        payloadBytes: z.int().nonnegative(),
        place: z.enum(['next', 'retransmission', 'behind-hole', 'fills-hole']),
      }),
      /** What ends in the packet, in order. */
      contents: z.array(z.strictObject({ protocol: z.enum(['TLS', 'MQTT']), name: z.string() })),
      /** Its payload ends nothing: the packet in which what it belongs to ends. */
      endsIn: z.int().positive().optional(),
    }),
  ),
});

export type TraceDocument = z.infer<typeof traceDocumentSchema>;

/** Makes the document. */
export function documentOf(about: About, { rows, tls }: Dissected, complete: boolean): TraceDocument {
  return traceDocumentSchema.parse({
    traceVersion: 1,
    ...about,
    complete,
    ...(tls === undefined ? {} : { tls: defined(tls) }),
    packets: rows.map((row) => defined({ ...row, info: infoOf(row), tcp: defined(row.tcp) })),
  });
}

/** Without what is not there. */
function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
