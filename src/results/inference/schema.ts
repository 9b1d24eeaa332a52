import * as z from 'zod';
import { MILESTONE_NAMES } from '../../measure/milestones.ts';

const count = z.int().nonnegative();

export const verdictSchema = z.enum(['agrees', 'differs', 'inconclusive']);

/** Why a mode takes other trips than theory says, or what else is worth telling; each is a file in `reasons/`. */
export const reasonNameSchema = z.enum([
  'nagle',
  'hello-retry-request',
  'lost-resumption',
  'slow-start',
  'retransmission',
  'unknown',
]);

/** The trips to a milestone, of all attempts that came to it, also those that negotiated something else. */
export const estimateSchema = z.strictObject({
  milestone: z.enum(MILESTONE_NAMES),
  /** Trips in theory, those included that a large flight waits for the congestion window. */
  theory: z.int(),
  /** Absent where nothing can be said, which `because` explains. */
  trips: z.number().optional(),
  /** 95 % interval, by bootstrap over rounds. */
  tripsLow: z.number().optional(),
  tripsHigh: z.number().optional(),
  /** What remains at no delay: compute. */
  interceptMs: z.number().optional(),
  interceptLowMs: z.number().optional(),
  interceptHighMs: z.number().optional(),
  /** What it was read off: the slope over so many delays, or the difference to a null link. */
  from: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('slope'), delays: count }),
      z.strictObject({ kind: z.literal('null-link'), link: z.string() }),
    ])
    .optional(),
  /** Attempts that it is made of, over all links. */
  attempts: count,
  /** Of them, those that negotiated something else than the mode asks for, and so are in no other figure. */
  excluded: count,
  verdict: verdictSchema,
  /** Why it is inconclusive, in a sentence. */
  because: z.string().optional(),
});

/** What one mode did over all links: trips inferred without theory, a verdict, and the most likely reasons. */
export const inferenceSchema = z.strictObject({
  mode: z.string(),
  broker: z.string(),
  topology: z.string(),
  workload: z.string(),
  /** Of all estimates: `differs` when one differs, else `inconclusive` when one is, else `agrees`. */
  verdict: verdictSchema,
  /** First data (or the refusal, where clients are to be refused) and CONNACK. */
  estimates: z.array(estimateSchema),
  reasons: z.array(z.strictObject({ name: reasonNameSchema, evidence: z.string() })),
});

export type Verdict = z.infer<typeof verdictSchema>;
export type Estimate = z.infer<typeof estimateSchema>;
export type Inference = z.infer<typeof inferenceSchema>;
