import { execa } from 'execa';
import * as z from 'zod';
import type { TargetInput } from '../../../src/swarm/targets.ts';

/** Who does it: the bare loop that the bench is held against, or one of the bench's clients. */
export const GENERATORS = ['bare', 'lean', 'mqttjs'] as const;
export type Generator = (typeof GENERATORS)[number];

const placeSchema = { generator: z.enum(GENERATORS), target: z.custom<TargetInput>(), pkiFolder: z.string() };

/** What a generator's process is told: to connect and leave, so many at a time, to publish messages, or to hold clients. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('connect'),
    ...placeSchema,
    inFlight: z.int(),
    warmSeconds: z.number(),
    seconds: z.number(),
  }),
  z.strictObject({
    kind: z.literal('publish'),
    ...placeSchema,
    messages: z.int(),
    payloadBytes: z.int(),
  }),
  z.strictObject({
    kind: z.literal('hold'),
    ...placeSchema,
    clients: z.int(),
    perSecond: z.number(),
    keepAliveSeconds: z.int(),
    seconds: z.number(),
  }),
]);
export type Order = z.infer<typeof orderSchema>;

/** Connects or messages, and what they took. */
export const doneSchema = z.strictObject({
  count: z.int(),
  seconds: z.number(),
  cpuSeconds: z.number(),
});
export const heldSchema = z.strictObject({
  connected: z.int(),
  held: z.int(),
  answered: z.int(),
  bytesPerClient: z.number(),
});

/** Runs a generator in a process of its own; answers what it tells. Options of Node, such as a profiler's, come first. */
export async function generate<T>(
  order: Order,
  answer: z.ZodType<T>,
  nodeOptions: readonly string[] = [],
): Promise<T> {
  const { stdout } = await execa(
    process.execPath,
    [...nodeOptions, new URL('./main.ts', import.meta.url).pathname, JSON.stringify(order)],
    { stderr: 'inherit' },
  );
  return answer.parse(JSON.parse(stdout));
}
