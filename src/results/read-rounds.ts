import { createHash } from 'node:crypto';
import * as z from 'zod';
import { BenchError, messageOf, usageError } from '../errors.ts';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import { linesOf } from './byte-lines.ts';
import type { Rounds, RoundSeries } from './rounds.ts';

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
 * what `roundLines` writes.
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

const [COMMA, ZERO, NINE] = [0x2c, 0x30, 0x39];
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

/** A line as `roundLines` writes it: the numbers, nearly all of it, are read where they stand. Undefined of others. */
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
