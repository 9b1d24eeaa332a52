import { fixed } from '../format.ts';
import type { Judgement } from './judgement.ts';
import { measuresOf } from './measures.ts';

/** An entry as benchmark-action/github-action-benchmark reads it. */
interface Entry {
  name: string;
  unit: string;
  value: number;
  range?: string;
  extra?: string;
}

/** The run's figures for the GitHub action `github-action-benchmark`, tool `customSmallerIsBetter`. */
export function judgementActionBenchmark({ candidate }: Judgement): string {
  const entries = candidate.cells.flatMap((cell) =>
    measuresOf(cell).map(({ name, unit, value, interval, count }): Entry => {
      const half = interval === undefined ? undefined : (interval.high - interval.low) / 2;
      return {
        name: `${cell.id} ${name}`,
        unit,
        value,
        ...(half === undefined ? {} : { range: `± ${fixed(half, 2)}` }),
        ...(count === undefined ? {} : { extra: `n = ${count}` }),
      };
    }),
  );
  return `${JSON.stringify(entries, null, 2)}\n`;
}
