import * as z from 'zod';

const count = z.int().nonnegative();

/** A distribution. `hdr` is the HdrHistogram V2 base64 form, in microseconds; the other figures come from the raw samples. */
export const distributionSchema = z.strictObject({
  count,
  minMs: z.number(),
  meanMs: z.number(),
  p50Ms: z.number(),
  p90Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
  /** 95 % interval of the median (order statistics, distribution-free). */
  p50LowMs: z.number(),
  p50HighMs: z.number(),
  source: z.enum(['measured', 'modelled']),
  hdr: z.string(),
});

export type Distribution = z.infer<typeof distributionSchema>;
