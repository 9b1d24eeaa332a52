import * as z from 'zod';
import { comparedRunSchema, comparisonSchema } from '../compare/comparison.ts';
import type { Results } from '../results/schema.ts';
import type { Expect } from '../scenario/expect.ts';

/** Grows when a reader of the old form could misread the new one. */
export const GATE_VERSION = 1;

/** What is checked: that there is all to check, and then what the scenario expects. */
export const EXPECTATIONS = ['complete', 'trips', 'bytes', 'negotiated', 'limits', 'failureBudget'] as const;

/** One expectation held against one cell. */
const checkSchema = z.strictObject({
  expectation: z.enum(EXPECTATIONS),
  /** The cell's name, or the mode's where no cell could be checked. */
  cell: z.string(),
  /** What of it: a milestone, a direction, a parameter, a percentile. */
  what: z.string(),
  expected: z.string(),
  /** What was measured, or why nothing was: data that is missing fails. */
  found: z.string(),
  passed: z.boolean(),
});

/** A run and what of its expectations it holds. */
const held = { run: comparedRunSchema, checks: z.array(checkSchema) };

/** A run held against what its scenario expects of it, and against a baseline where one is given. */
export const gateSchema = z.strictObject({
  gateVersion: z.literal(GATE_VERSION),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  ...held,
  /** Whether all checks passed; a comparison has a verdict of its own. */
  passed: z.boolean(),
  /** What a reader should know first, in sentences. */
  notes: z.array(z.string()),
  /** What chance may break was measured again, since it did not hold, and both measurements as they were. */
  confirmation: z
    .strictObject({
      /** Expectations that failed again, and those that did not, which do not fail. */
      confirmed: z.array(z.string()),
      notConfirmed: z.array(z.string()),
      first: z.strictObject(held),
      second: z.strictObject(held),
    })
    .optional(),
  comparison: comparisonSchema.optional(),
});

export type Check = z.infer<typeof checkSchema>;
export type Gate = z.infer<typeof gateSchema>;

/** Checks one kind of expectation on all cells; none where nothing of the kind is expected. */
export type Checker = (results: Results, expect: Expect) => Check[];
