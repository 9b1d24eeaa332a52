import type { Milestone } from '../../measure/milestones.ts';
import type { Sample } from '../../measure/sample.ts';
import type { Mode } from '../../modes/mode.ts';
import { median } from '../../stats/median.ts';
import type { CellResult, LinkResult } from '../schema.ts';

/** One cell of a line, and all that was attempted in it; warm-up is not in it. */
export interface LineCell {
  cell: CellResult;
  link: LinkResult;
  /** The link behind the hop; undefined without one. */
  inner: LinkResult | undefined;
  /** Whether the links do nothing but delay. */
  pureDelay: boolean;
  attempts: readonly Sample[];
}

/** What is known of one mode, broker, topology and workload: a cell for each link. */
export interface Line {
  mode: Mode;
  cells: readonly LineCell[];
}

/**
 * Attempts that came to their end, undisturbed: good ones, and those that are excluded for what they negotiated, which
 * are in no other figure. What a mode really did is in both.
 */
export function completed(attempts: readonly Sample[]): Sample[] {
  return attempts.filter(({ outcome, tainted }) => outcome.status !== 'failed' && tainted.length === 0);
}

/** What a reason found. */
export interface Finding {
  /** A sentence with figures. */
  evidence: string;
  /** Milestones whose trips it would make differ from theory; a reason that theory has in it explains none. */
  explains: readonly Milestone[];
}

/** Something that makes a mode take other trips than theory says, or its tail longer: one file each. */
export interface Reason {
  name: string;
  /** What it looks for, in a sentence. */
  looksFor: string;
  find(line: Line): Finding | undefined;
}

/** The median, or undefined of nothing. */
export function medianOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : median(values);
}

/** `12.3 ms`, `0.45 ms`: as many digits as the report has. */
export function msWords(ms: number): string {
  return `${ms.toFixed(Math.abs(ms) < 10 ? 2 : 1)} ms`;
}
