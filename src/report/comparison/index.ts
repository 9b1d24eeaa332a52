import { judgementActionBenchmark } from './action-benchmark.ts';
import { judgementBencher } from './bencher.ts';
import type { Judgement } from './judgement.ts';
import { judgementJunit } from './junit.ts';
import { judgementMarkdown } from './markdown.ts';

/** What `--write FORMAT=FILE` can write. A new format is one file and one line here. */
export const FORMATS = {
  markdown: judgementMarkdown,
  junit: judgementJunit,
  bencher: judgementBencher,
  'action-benchmark': judgementActionBenchmark,
} as const satisfies Record<string, (judgement: Judgement) => string>;

export type FormatName = keyof typeof FORMATS;
