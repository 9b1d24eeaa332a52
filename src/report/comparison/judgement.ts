import * as z from 'zod';
import type { Comparison } from '../../compare/comparison.ts';
import { gateSchema } from '../../gate/gate.ts';
import type { Results } from '../../results/schema.ts';

const { run, checks } = gateSchema.shape;
const heldSchema = z.strictObject({ run, checks });

/** What `gate` prints: a gate, after a second measurement where its expectations were held against one. */
export const judgedGateSchema = gateSchema.extend({
  /** What a reader should know first, in sentences. */
  notes: z.array(z.string()),
  /** What chance may break was measured again, since it did not hold, and both measurements as they were. */
  confirmation: z
    .strictObject({
      /** Expectations that failed again, and those that did not, which do not fail. */
      confirmed: z.array(z.string()),
      notConfirmed: z.array(z.string()),
      first: heldSchema,
      second: heldSchema,
    })
    .optional(),
});

export type JudgedGate = z.infer<typeof judgedGateSchema>;

/** What `compare` and `gate` came to, and the run that it is about: all outputs are drawn from it. */
export interface Judgement {
  candidate: Results;
  comparison?: Comparison | undefined;
  gate?: JudgedGate | undefined;
}
