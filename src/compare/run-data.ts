import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { usageError } from '../errors.ts';
import { RUN_FILES } from '../results/folder.ts';
import { readResults } from '../results/read.ts';
import { readRounds, ROUND_MILESTONES, type Rounds } from '../results/rounds.ts';
import type { Results } from '../results/schema.ts';
import type { NullTwin } from './null-twin.ts';

/** A run as it is compared: its results, and its rounds where it has them. */
export interface RunData {
  path: string;
  results: Results;
  rounds: Rounds | undefined;
  /** What trips were inferred against, by cell, where it does not follow from the names in the results. */
  twins?: ReadonlyMap<string, NullTwin>;
}

/**
 * Reads a run folder, or a results.json with the rounds beside it. Throws a usage error that names the file when one is
 * not valid, or changed after it was written, or when the two are not of one run.
 */
export async function readRun(path: string): Promise<RunData> {
  const results = await readResults(path);
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  const file = join(folder, RUN_FILES.rounds);
  const read = await readRounds(file);
  if (read !== undefined) {
    checkOneRun(results, read.rounds, file);
    if (results.roundsSha256 !== undefined && results.roundsSha256 !== read.sha256)
      throw usageError(
        `${file} was changed after it was written: its SHA-256 is not the \`roundsSha256\` of the results beside it`,
        'Get the file back from where it is kept, or run the scenario again.',
      );
  }
  return { path, results, rounds: read?.rounds };
}

function checkOneRun({ cells }: Results, rounds: Rounds, file: string): void {
  for (const { id, milestones } of cells) {
    for (const name of ROUND_MILESTONES) {
      const [here, there] = [rounds.get(id)?.get(name)?.timesUs.length ?? 0, milestones[name]?.count ?? 0];
      if (here === there) continue;
      throw usageError(
        `${file} has ${here} samples of ${id} ${name}, the results beside it ${there}`,
        'They are not of one run, or one was cut: put the files of one run together.',
      );
    }
  }
}
