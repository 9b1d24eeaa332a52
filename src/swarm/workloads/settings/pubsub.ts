import * as z from 'zod';
import { methodNamed } from '../../../payload/index.ts';
import { clientSchema, MAX_PAYLOAD_BYTES, qosSchema, timeoutSchema, workersSchema } from './common.ts';
import { protectionInputSchema, protectionName, protectionSchema, protectionsOf } from './protection.ts';

/** Messages carry their intended time, sending time and number in the payload's head. */
export const PUBSUB_HEAD_BYTES = 24;

/** Between altered messages there are others, as they were. */
const MAX_TAMPER = 0.5;

/** `pubsub`: N publishers at a rate to M subscribers for a time, all connected before it begins. */
export const pubsubSchema = z.strictObject({
  kind: z.literal('pubsub'),
  publishers: z.int().min(1).max(20_000).default(10),
  subscribers: z.int().min(1).max(20_000).default(1),
  ratePerPublisher: z
    .number()
    .positive()
    .max(100_000)
    .default(10)
    .meta({ description: 'messages a second of each publisher' }),
  payloadBytes: z.int().min(PUBSUB_HEAD_BYTES).max(MAX_PAYLOAD_BYTES).default(64),
  qos: qosSchema.default(0),
  seconds: z.int().min(1).max(3600).default(10),
  timeoutMs: timeoutSchema.default(30_000),
  // Not filled in: what older files do not have must not look like another workload.
  client: clientSchema.optional(),
  workers: workersSchema.meta({ description: 'publisher processes' }),
  /** Of one cell; absent: none. */
  protection: protectionSchema.optional(),
  tamper: z.number().min(0).max(MAX_TAMPER).optional().meta({
    description:
      'share of the protected messages that are altered on their way: a flipped bit, another topic, an earlier message again',
  }),
});

export type PubsubWorkload = z.infer<typeof pubsubSchema>;

/** The same as a scenario writes it, where a list of protections multiplies to workloads. */
export const pubsubInputSchema = pubsubSchema
  .extend({ protection: protectionInputSchema.optional() })
  .superRefine(({ protection, tamper = 0, payloadBytes }, context) => {
    const all = protectionsOf(protection);
    if (tamper > 0 && all.includes(undefined)) {
      const message =
        protection === undefined
          ? 'nobody tells an altered message whose payload is not protected, expected `protection` beside it'
          : 'nobody tells an altered message whose payload is not protected; `none` needs a workload of its own, without `tamper`';
      context.addIssue({ code: 'custom', path: ['tamper'], message });
    }
    for (const one of all) {
      const added = one === undefined ? 0 : methodNamed(one.method).addedBytes(payloadBytes);
      if (payloadBytes + added <= MAX_PAYLOAD_BYTES) continue;
      const message = `${protectionName(one)} adds ${added} bytes, expected at most ${MAX_PAYLOAD_BYTES} with them, got ${payloadBytes + added}`;
      context.addIssue({ code: 'custom', path: ['payloadBytes'], message });
      return;
    }
  });

/** The workloads that a scenario's one stands for, one for each protection. */
export function resolvePubsub(input: z.output<typeof pubsubInputSchema>): PubsubWorkload[] {
  const { protection, tamper = 0, ...rest } = input;
  return protectionsOf(protection).map((one) => ({
    ...rest,
    ...(one === undefined ? {} : { protection: one }),
    ...(tamper === 0 ? {} : { tamper }),
  }));
}
