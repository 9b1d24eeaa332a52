import { mean, quantileSorted } from 'simple-statistics';
import { decodeHistogram, encodeHistogram, newHistogram, recordMs } from '../measure/histogram.ts';
import { ascending, medianInterval } from '../stats/median.ts';
import type { Distribution } from './schema.ts';

/** Describes raw samples in milliseconds; undefined when there are none. */
export function distributionOf(
  valuesMs: readonly number[],
  source: Distribution['source'],
): Distribution | undefined {
  const [first] = valuesMs;
  if (first === undefined) return undefined;
  const sorted = ascending(valuesMs);
  const histogram = newHistogram();
  for (const value of sorted) recordMs(histogram, value);
  const interval = medianInterval(sorted);
  const quantile = (p: number): number => quantileSorted(sorted, p);
  return {
    count: sorted.length,
    minMs: sorted[0] ?? first,
    meanMs: mean(sorted),
    p50Ms: quantile(0.5),
    p90Ms: quantile(0.9),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    maxMs: sorted.at(-1) ?? first,
    p50LowMs: interval.low,
    p50HighMs: interval.high,
    source,
    hdr: encodeHistogram(histogram),
  };
}

/** Describes an encoded histogram, where raw samples were too many to keep; undefined when it is empty. */
export function distributionOfHdr(hdr: string): Distribution | undefined {
  const histogram = decodeHistogram(hdr);
  const count = histogram.totalCount;
  if (count === 0) return undefined;
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000;
  const half = (98 * Math.sqrt(count)) / count;
  return {
    count,
    minMs: histogram.minNonZeroValue / 1000,
    meanMs: histogram.mean / 1000,
    p50Ms: at(50),
    p90Ms: at(90),
    p95Ms: at(95),
    p99Ms: at(99),
    maxMs: histogram.maxValue / 1000,
    p50LowMs: at(Math.max(0, 50 - half)),
    p50HighMs: at(Math.min(100, 50 + half)),
    source: 'measured',
    hdr,
  };
}
