import type { Judgement } from './judgement.ts';
import { measuresOf } from './measures.ts';

interface Metric {
  value: number;
  lower_value?: number;
  upper_value?: number;
}

/**
 * The run's figures in Bencher Metric Format, for `bencher run --adapter json --file`: a benchmark for each cell, its
 * measures by name (https://bencher.dev/docs/reference/bencher-metric-format).
 */
export function judgementBencher({ candidate }: Judgement): string {
  const benchmarks = Object.fromEntries(
    candidate.cells.map((cell) => [
      cell.id,
      Object.fromEntries(
        measuresOf(cell).map(({ name, value, interval }): [string, Metric] => [
          name,
          interval === undefined
            ? { value }
            : { value, lower_value: interval.low, upper_value: interval.high },
        ]),
      ),
    ]),
  );
  return `${JSON.stringify(benchmarks, null, 2)}\n`;
}
