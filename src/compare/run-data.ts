import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { usageError } from '../errors.ts';
import { RUN_FILES } from '../results/folder.ts';
import { readResults } from '../results/read.ts';
import { readRounds, type Rounds } from '../results/rounds.ts';
import type { Results } from '../results/schema.ts';

/** A run as it is compared: its results, and its rounds where it has them. */
export interface RunData {
  path: string;
  results: Results;
  rounds: ReadonlyMap<string, Rounds> | undefined;
}

/**
 * Reads a run folder, or a results.json with the rounds beside it. Throws a usage error that names the file when one is
 * not valid, or when the two are not of one run.
 */
export async function readRun(path: string): Promise<RunData> {
  const results = await readResults(path);
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  const file = join(folder, RUN_FILES.rounds);
  const rounds = await readRounds(file);
  if (rounds !== undefined) checkOneRun(results, rounds, file);
  return { path, results, rounds };
}

function checkOneRun({ cells }: Results, rounds: ReadonlyMap<string, Rounds>, file: string): void {
  for (const { id, milestones } of cells) {
    for (const [name, times] of rounds.get(id)?.milestonesUs ?? new Map<never, Int32Array>()) {
      const count = milestones[name]?.count ?? 0;
      if (times.length === count) continue;
      throw usageError(
        `${file} has ${times.length} samples of ${id} ${name}, the results beside it ${count}`,
        'They are not of one run, or one was cut: put the files of one run together.',
      );
    }
    if (!rounds.has(id) && Object.keys(milestones).length > 0) {
      throw usageError(`${file} lacks ${id}, which the results beside it have`, 'Was it cut?');
    }
  }
}
