import * as z from 'zod';

/** One time that a broker had to know what a client may use, and how it came to know it. */
export const accessDecisionSchema = z.strictObject({
  /** The packet that waited for it. */
  before: z.enum(['connect', 'publish', 'subscribe']),
  /** From the broker's question until it held the answer: request, delay of the service and response. */
  tookMs: z.number().nonnegative(),
  /** The answer was one that the broker had kept. */
  cached: z.boolean(),
  /** `unanswered`: nobody was there, or the answer came too late or made no sense; the broker refuses then. */
  outcome: z.enum(['allowed', 'denied', 'unanswered']),
});

export type AccessDecision = z.infer<typeof accessDecisionSchema>;
