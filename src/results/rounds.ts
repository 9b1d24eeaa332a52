import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
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
  const hash = createHash('sha256');
  let number = 0;
  try {
    for await (const line of linesOf(file)) {
      hash.update(line).update('\n');
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

const [LF, CR, COMMA, ZERO, NINE] = [0x0a, 0x0d, 0x2c, 0x30, 0x39];
const CHUNK_BYTES = 1 << 18;

/**
 * The lines of a file without their ends, each good until the next is asked for: such files have tens of megabytes, and
 * what is made anew for each line, or each chunk, would take more memory than all that is kept of them.
 */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let held = Buffer.alloc(CHUNK_BYTES);
  let length = 0;
  const hold = (bytes: Buffer): void => {
    if (length + bytes.length > held.length)
      held = Buffer.concat([held.subarray(0, length)], 2 * (length + bytes.length));
    bytes.copy(held, length);
    length += bytes.length;
  };
  const whole = (): Buffer => {
    const line = held.subarray(0, length > 0 && held[length - 1] === CR ? length - 1 : length);
    length = 0;
    return line;
  };
  await using handle = await open(file);
  for (;;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES);
    if (bytesRead === 0) break;
    const bytes = chunk.subarray(0, bytesRead);
    let from = 0;
    for (let to = bytes.indexOf(LF); to !== -1; to = bytes.indexOf(LF, from)) {
      hold(bytes.subarray(from, to));
      yield whole();
      from = to + 1;
    }
    hold(bytes.subarray(from));
  }
  if (length > 0) yield whole();
}

const TIMES = '"timesUs":[';
const TAIL = ']}';

interface Line {
  cell: string;
  milestone: Milestone;
  series: RoundSeries;
}

function parseLine(line: Buffer, fault: (problem: string) => Error): Line {
  return quickLine(line) ?? slowLine(line, fault);
}

/** A line as {@link roundLines} writes it: the numbers, nearly all of it, are read where they stand. Undefined of others. */
function quickLine(line: Buffer): Line | undefined {
  const opening = line.indexOf(TIMES) + TIMES.length;
  const end = line.length - TAIL.length;
  if (opening < TIMES.length || line.toString('latin1', end) !== TAIL) return undefined;
  try {
    const {
      times: _none,
      count,
      ranges,
      ...head
    } = headOf(`${line.toString('utf8', 0, opening)}${TAIL}`, (problem) => new Error(problem));
    const timesUs = digitsOf(line.subarray(opening, end), count);
    return timesUs && { ...head, series: { ranges, timesUs } };
  } catch {
    return undefined;
  }
}

/** Any line, of which is told what is wrong with it. */
function slowLine(line: Buffer, fault: (problem: string) => Error): Line {
  const { times, count, ranges, ...head } = headOf(line.toString(), fault);
  if (times.length !== count) throw fault(`there are ${times.length} times of ${count} rounds`);
  return { ...head, series: { ranges, timesUs: wholeNumbers(times, fault) } };
}

/** What a line has, and how many times it should have. */
function headOf(
  line: string,
  fault: (problem: string) => Error,
): Omit<Line, 'series'> & Pick<RoundSeries, 'ranges'> & { count: number; times: unknown[] } {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch (error) {
    throw fault(`not JSON (truncated?): ${messageOf(error)}`);
  }
  const parsed = lineSchema.safeParse(data);
  if (!parsed.success) throw fault(`not the rounds of a cell:\n${z.prettifyError(parsed.error)}`);
  const { cell, milestone, rounds: ranges, timesUs: times } = parsed.data;
  let before = -1;
  let count = 0;
  for (const [first, last] of ranges) {
    if (first <= before || last < first) throw fault('the rounds are not in order, each once');
    before = last;
    count += last - first + 1;
  }
  return { cell, milestone, ranges, count, times };
}

/** So many whole numbers between commas, of nine digits at most each; undefined where anything else stands there. */
function digitsOf(text: Buffer, count: number): Int32Array | undefined {
  const numbers = new Int32Array(count);
  let [index, value, digits] = [0, 0, 0];
  for (let place = 0; place <= text.length; place++) {
    const code = text[place] ?? COMMA;
    if (code >= ZERO && code <= NINE && !(digits > 0 && value === 0)) {
      value = value * 10 + code - ZERO;
      digits++;
    } else if (code === COMMA && digits > 0 && digits <= 9 && index < count) {
      numbers[index++] = value;
      value = digits = 0;
    } else return undefined;
  }
  return index === count ? numbers : undefined;
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
