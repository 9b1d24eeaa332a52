import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { BenchError, messageOf, usageError } from '../errors.ts';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { sortSamples } from './cell.ts';
import { JUDGED } from './trips.ts';

/** Milestones that a comparison tells of and does not judge. */
export const TOLD = ['publishReceived', 'delivered'] as const satisfies Milestone[];

/**
 * The milestones that runs are compared by. All others lie between these or are stamped by the same events; leaving
 * them out keeps the file small enough to be committed as a baseline and read in a second.
 */
export const ROUND_MILESTONES = [...JUDGED, ...TOLD] as const satisfies Milestone[];

/** The good samples of one milestone in one cell, in the order of their rounds. */
export interface RoundSeries {
  /** First and last of each run of rounds that follow one another. */
  ranges: [number, number][];
  /** Whole microseconds from the intended start, as in the histograms; one for each round. */
  timesUs: Int32Array;
}

/** Of each cell, by its name. */
export type Rounds = ReadonlyMap<string, ReadonlyMap<Milestone, RoundSeries>>;

/** Lines of rounds.ndjson, one for each cell and milestone. */
export function* roundLines(samples: readonly Sample[]): Generator<string> {
  for (const [cell, all] of Map.groupBy(samples, (sample) => sample.cell)) {
    const good = sortSamples(all).good.toSorted((a, b) => a.round - b.round);
    for (const milestone of ROUND_MILESTONES) {
      const own = good.flatMap(({ round, milestonesMs: { [milestone]: ms } }) =>
        ms === undefined ? [] : [{ round, us: Math.round(ms * 1000) }],
      );
      if (own.length === 0) continue;
      const ranges = rangesOf(own.map(({ round }) => round));
      yield `${JSON.stringify({ cell, milestone, rounds: ranges, timesUs: own.map(({ us }) => us) })}\n`;
    }
  }
}

function rangesOf(rounds: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const round of rounds) {
    const last = ranges.at(-1);
    if (last?.[1] === round - 1) last[1] = round;
    else ranges.push([round, round]);
  }
  return ranges;
}

/** All rounds of some ranges. */
export function roundsIn(ranges: RoundSeries['ranges']): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
}

const lineSchema = z.strictObject({
  cell: z.string(),
  milestone: z.enum(MILESTONE_NAMES),
  rounds: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])),
  // What is in it is checked below: a schema would take longer over millions of numbers than all the rest.
  timesUs: z.custom<unknown[]>(Array.isArray, 'expected a list'),
});

/**
 * Reads a rounds.ndjson; undefined when there is none. Beside the rounds the SHA-256 of its lines, each ended by LF, in
 * hexadecimal. Throws a usage error that names the file when it cannot be read, and the line when one is truncated or not
 * what {@link roundLines} writes.
 */
export async function readRounds(file: string): Promise<{ rounds: Rounds; sha256: string } | undefined> {
  const cells = new Map<string, Map<Milestone, RoundSeries>>();
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  const hash = createHash('sha256');
  let number = 0;
  try {
    for await (const line of lines) {
      hash.update(`${line}\n`);
      number++;
      const fault = (problem: string): Error => usageError(`${file}:${number}: ${problem}`, MEND);
      const { cell, milestone, series } = parseLine(line, fault);
      const own = cells.get(cell) ?? new Map<Milestone, RoundSeries>();
      if (own.has(milestone)) throw fault(`${milestone} of ${cell} stands here a second time`);
      cells.set(cell, own.set(milestone, series));
    }
  } catch (error) {
    if (error instanceof BenchError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === undefined) throw error;
    throw usageError(`Cannot read ${file}: ${messageOf(error)}`, MEND);
  }
  return { rounds: cells, sha256: hash.digest('hex') };
}

const MEND =
  'Run the scenario again, or take the file away: results.json alone can be compared too, with less power.';

function parseLine(
  line: string,
  fault: (problem: string) => Error,
): { cell: string; milestone: Milestone; series: RoundSeries } {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch (error) {
    throw fault(`not JSON (truncated?): ${messageOf(error)}`);
  }
  const parsed = lineSchema.safeParse(data);
  if (!parsed.success) throw fault(`not the rounds of a cell:\n${z.prettifyError(parsed.error)}`);
  const { cell, milestone, rounds: ranges, timesUs } = parsed.data;
  let before = -1;
  let count = 0;
  for (const [first, last] of ranges) {
    if (first <= before || last < first) throw fault('the rounds are not in order, each once');
    before = last;
    count += last - first + 1;
  }
  if (timesUs.length !== count) throw fault(`there are ${timesUs.length} times of ${count} rounds`);
  return { cell, milestone, series: { ranges, timesUs: wholeNumbers(timesUs, fault) } };
}

function wholeNumbers(values: readonly unknown[], fault: (problem: string) => Error): Int32Array {
  const numbers = new Int32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    // What does not fit comes out as another number.
    numbers[index] = value as number;
    if (numbers[index] !== value)
      throw fault(`time ${index} is ${JSON.stringify(value)}, expected whole microseconds`);
  }
  return numbers;
}
