import * as z from 'zod';
import { VERDICTS } from '../stats/verdict.ts';

/** Grows when a reader of the old form could misread the new one. */
export const COMPARISON_VERSION = 1;

const verdictSchema = z.enum(VERDICTS);

/** What a difference is one of. */
export const EFFECT_KINDS = [
  'timing',
  'trips',
  'bytes',
  'negotiated',
  'losses',
  'throughput',
  'missing',
] as const;

/** How the interval of a timing came about, from most to least power. */
const TIMING_SOURCES = [
  /** Rounds that hold both variants, a moment apart. */
  'paired rounds',
  /** The rounds of two runs. */
  'rounds',
  /** The seconds of a steady load. */
  'seconds',
  /** The histograms of results.json, where a run has no rounds.ndjson: as if no round were like its neighbour. */
  'histograms',
] as const;

/** One thing that was compared. Differences are candidate − baseline; up is worse, but for throughput. */
const effectSchema = z.strictObject({
  kind: z.enum(EFFECT_KINDS),
  /** What was compared: a milestone's name, `handshakeUp`, `failed or excluded` … */
  what: z.string(),
  unit: z.enum(['ms', 'bytes', 'trips', '%', '/s', '']),
  verdict: verdictSchema,
  /** Whether it counts for the verdict of the cell; others are told for whoever looks for the cause. */
  judged: z.boolean(),
  /** Why the verdict is what it is, in a sentence. */
  because: z.string(),
  baseline: z.number().optional(),
  candidate: z.number().optional(),
  difference: z.number().optional(),
  differencePercent: z.number().optional(),
  /** The 95 % interval of the difference; absent where no chance is in it. */
  interval: z.strictObject({ low: z.number(), high: z.number() }).optional(),
  /** The smallest difference that would be called one, in the unit. */
  floor: z.number().optional(),
  /** How likely chance alone does this, all comparisons of the two runs counted (Benjamini–Hochberg). */
  adjustedP: z.number().optional(),
  /** What the difference was estimated from. */
  source: z.enum(TIMING_SOURCES).optional(),
  samples: z.strictObject({ baseline: z.int(), candidate: z.int() }).optional(),
  /** Of inferred trips: the candidate's cell over a null link that they were inferred from, beside the cell's own. */
  inferredFrom: z.string().optional(),
  /** Of an inconclusive timing: rounds of each run that would probably do. */
  roundsNeeded: z.int().optional(),
});

const comparedCellSchema = z.strictObject({
  /** `mode/link/broker/topology/workload`. */
  id: z.string(),
  mode: z.string(),
  link: z.string(),
  /** Of a paired run, where the baseline's cell has another name: its name. */
  baselineId: z.string().optional(),
  verdict: verdictSchema,
  effects: z.array(effectSchema),
});

/** A run as the comparison names it. */
export const comparedRunSchema = z.strictObject({
  path: z.string(),
  scenario: z.string(),
  startedAt: z.string(),
  seed: z.int(),
  complete: z.boolean(),
});

/** Something beside the code under test that differs, and may be the reason. */
const environmentDifferenceSchema = z.strictObject({
  what: z.string(),
  baseline: z.string(),
  candidate: z.string(),
});

const firstSchema = z.strictObject({
  comparisonVersion: z.literal(COMPARISON_VERSION),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  settings: z.strictObject({
    minEffectMs: z.number(),
    minEffectPercent: z.number(),
    /** Kinds that count for the verdicts; absent where all do. */
    only: z.array(z.enum(EFFECT_KINDS)).optional(),
    /** The history whose runs taught floors, cell by cell. */
    history: z.string().optional(),
  }),
  baseline: comparedRunSchema,
  candidate: comparedRunSchema,
  verdict: verdictSchema,
  /** How many cells came to which verdict. */
  counts: z.strictObject({
    regressed: z.int(),
    improved: z.int(),
    unchanged: z.int(),
    inconclusive: z.int(),
  }),
  /** What a reader should know first, in sentences. */
  notes: z.array(z.string()),
  environment: z.array(environmentDifferenceSchema),
  /** Cells of the baseline that the candidate lacks, which fails, and the other way round. */
  missing: z.strictObject({ inCandidate: z.array(z.string()), inBaseline: z.array(z.string()) }),
  /** Losses of all cells of a link together: small shares show in many attempts only. */
  groups: z.array(z.strictObject({ id: z.string(), verdict: verdictSchema, effects: z.array(effectSchema) })),
  cells: z.array(comparedCellSchema),
});

/** Two runs held against each other: all that reports of it are drawn from. */
export const comparisonSchema = firstSchema.extend({
  /** What was measured again since it seemed to have regressed, and both measurements as they were. */
  confirmation: z
    .strictObject({
      /** Cells and groups that regressed again, and those that did not. */
      confirmed: z.array(z.string()),
      notConfirmed: z.array(z.string()),
      first: firstSchema,
      second: firstSchema,
    })
    .optional(),
});

export type EffectKind = (typeof EFFECT_KINDS)[number];
export type TimingSource = (typeof TIMING_SOURCES)[number];
export type Effect = z.infer<typeof effectSchema>;
export type ComparedCell = z.infer<typeof comparedCellSchema>;
export type ComparedRun = z.infer<typeof comparedRunSchema>;
export type EnvironmentDifference = z.infer<typeof environmentDifferenceSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
