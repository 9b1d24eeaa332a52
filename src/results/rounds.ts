import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { messageOf, usageError } from '../errors.ts';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { sortSamples } from './cell.ts';

/**
 * The milestones that runs are compared by. All others lie between these or are stamped by the same events; leaving
 * them out keeps the file small enough to be committed as a baseline and read in a second.
 */
export const ROUND_MILESTONES = [
  'connectReceived',
  'refused',
  'connackReceived',
  'publishReceived',
  'delivered',
] as const satisfies Milestone[];

/** The good samples of one cell in the order of their rounds; `times[i]` belongs to round `rounds[i]`. */
export interface Rounds {
  rounds: Int32Array;
  milestonesUs: Map<Milestone, Int32Array>;
}

/** Lines of rounds.ndjson, one a cell: whole microseconds from the intended start, as in the histograms. */
export function* roundLines(samples: readonly Sample[]): Generator<string> {
  for (const [cell, all] of Map.groupBy(samples, (sample) => sample.cell)) {
    const good = sortSamples(all).good.toSorted((a, b) => a.round - b.round);
    const milestonesUs = ROUND_MILESTONES.filter((name) =>
      // A milestone that some good samples lack is not comparable round by round; there is no such cell.
      good.every(({ milestonesMs }) => milestonesMs[name] !== undefined),
    ).map((name) => [name, good.map(({ milestonesMs }) => Math.round((milestonesMs[name] ?? 0) * 1000))]);
    if (good.length === 0) continue;
    yield `${JSON.stringify({ cell, rounds: good.map(({ round }) => round), milestonesUs: Object.fromEntries(milestonesUs) })}\n`;
  }
}

// What is in the lists is checked below: a schema would take longer over millions of numbers than all the rest.
const listSchema = z.custom<unknown[]>(Array.isArray, 'expected a list');

const lineSchema = z.strictObject({
  cell: z.string(),
  rounds: listSchema,
  milestonesUs: z.partialRecord(z.enum(MILESTONE_NAMES), listSchema),
});

/**
 * Reads a rounds.ndjson, cell by cell; undefined when there is none. Throws a usage error that names file and line when
 * one is truncated or not what {@link roundLines} writes.
 */
export async function readRounds(file: string): Promise<Map<string, Rounds> | undefined> {
  const cells = new Map<string, Rounds>();
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      const fault = (problem: string): Error => usageError(`${file}:${number}: ${problem}`, MEND);
      const { cell, rounds } = parseLine(line, fault);
      if (cells.has(cell)) throw fault(`the rounds of ${cell} stand here a second time`);
      cells.set(cell, rounds);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return cells;
}

const MEND =
  'Run the scenario again, or take the file away: results.json alone can be compared too, with less power.';

function parseLine(line: string, fault: (problem: string) => Error): { cell: string; rounds: Rounds } {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch (error) {
    throw fault(`not JSON (truncated?): ${messageOf(error)}`);
  }
  const parsed = lineSchema.safeParse(data);
  if (!parsed.success) throw fault(`not the rounds of a cell:\n${z.prettifyError(parsed.error)}`);
  const { cell, rounds, milestonesUs } = parsed.data;
  const integers = (name: string, values: readonly unknown[]): Int32Array => {
    const wrong = values.findIndex(
      (value) => !Number.isInteger(value) || Math.abs(Number(value)) > 2 ** 31 - 1,
    );
    if (wrong >= 0) {
      throw fault(`item ${wrong} of ${name} is ${JSON.stringify(values[wrong])}, expected a whole number`);
    }
    if (values.length !== rounds.length) {
      throw fault(
        `${name} has ${values.length} items, expected as many as there are rounds: ${rounds.length}`,
      );
    }
    return Int32Array.from(values as number[]);
  };
  const order = integers('rounds', rounds);
  if (order.some((round, index) => index > 0 && round <= (order[index - 1] ?? 0))) {
    throw fault('the rounds are not in order, each once');
  }
  return {
    cell,
    rounds: {
      rounds: order,
      milestonesUs: new Map(
        Object.entries(milestonesUs).map(([name, values]) => [name as Milestone, integers(name, values)]),
      ),
    },
  };
}
