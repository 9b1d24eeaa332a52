import * as z from 'zod';

/** What a child process can be asked, and what it tells by itself. Params, results and events are validated on receipt. */
export interface Protocol {
  /** The role's name, as it stands in `results.json` (`broker`, `link`, `swarm`, …). */
  role: string;
  /** Whether what it does is timed. Then its event loop is watched, which itself wakes the process 200 times a second. */
  isTimed: boolean;
  calls: Record<string, { params: z.ZodType; result: z.ZodType }>;
  events: z.ZodType;
}

export type CallName<P extends Protocol> = keyof P['calls'] & string;
export type Params<P extends Protocol, N extends CallName<P>> = z.infer<P['calls'][N]['params']>;
export type Result<P extends Protocol, N extends CallName<P>> = z.infer<P['calls'][N]['result']>;
export type Event<P extends Protocol> = z.infer<P['events']>;

/** A span of the monotonic clock in which a process did not come to its timers. */
export const stallSchema = z.strictObject({ fromUs: z.number(), toUs: z.number() });
export type Stall = z.infer<typeof stallSchema>;

/** What a process used up to now, as it says itself. */
export const usageSchema = z.strictObject({
  cpuSeconds: z.number(),
  maxRssBytes: z.number(),
  /** Absent where no event loop is watched: nothing that it does is timed, or it is a program that is not the bench's own. */
  loopDelayP99Ms: z.number().optional(),
  stalls: z.array(stallSchema),
});
export type Usage = z.infer<typeof usageSchema>;

/** Resident memory in bytes. */
export const memorySchema = z.number().nonnegative();

const errorSchema = z.strictObject({
  message: z.string(),
  mend: z.string().optional(),
  exitCode: z.int().optional(),
  stack: z.string().optional(),
});

/** Parent to child. `usage`, `memory` and `resetUsage` are answered by every child; every other name stands in its protocol. */
export const requestSchema = z.strictObject({ id: z.int(), call: z.string(), params: z.unknown() });
export type Request = z.infer<typeof requestSchema>;

/** Child to parent. */
export const replySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  // JSON, which some children's channels carry, has no word for what a call without a result answers.
  z.strictObject({ kind: z.literal('result'), id: z.int(), result: z.unknown().optional() }),
  z.strictObject({ kind: z.literal('error'), id: z.int(), error: errorSchema }),
  z.strictObject({ kind: z.literal('event'), event: z.unknown() }),
]);
export type Reply = z.infer<typeof replySchema>;
