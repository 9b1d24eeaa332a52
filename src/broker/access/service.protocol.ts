import * as z from 'zod';
import type { Protocol } from '../../process/protocol.ts';

/** Topic filters that a client may publish to and subscribe to. */
export const permissionsSchema = z.strictObject({
  publish: z.array(z.string()),
  subscribe: z.array(z.string()),
});
export type Permissions = z.infer<typeof permissionsSchema>;

/** What the broker tells of a client when it asks: the body of its POST. */
export const questionSchema = z.strictObject({
  clientId: z.string(),
  /** Who it was authenticated as; absent where nobody asked. */
  user: z.string().optional(),
  /** The mode of the listener that it came by. */
  mode: z.string(),
});
export type Question = z.infer<typeof questionSchema>;

/** A rule of the service: the first that fits a client decides. */
const ruleSchema = z.strictObject({
  /** A regular expression for client identifiers. */
  clients: z.string(),
  /** What it may use; absent: it may not even connect. */
  permissions: permissionsSchema.optional(),
});
export type Rule = z.infer<typeof ruleSchema>;

const serviceSchema = z.strictObject({
  host: z.string(),
  /** The bearer token that every request must carry (RFC 6750 §2.1). */
  token: z.string(),
  delayMs: z.number().nonnegative(),
  delayMsByMode: z.record(z.string(), z.number().nonnegative()),
  rules: z.array(ruleSchema),
});
export type ServiceSettings = z.infer<typeof serviceSchema>;

/** What the runner and the access-management service say to each other. */
export const serviceProtocol = {
  role: 'access',
  isTimed: true,
  calls: {
    listen: { params: serviceSchema, result: z.strictObject({ port: z.int() }) },
    /** How many requests it has answered, by status. */
    answered: { params: z.null(), result: z.record(z.string(), z.int()) },
  },
  events: z.never(),
} satisfies Protocol;
