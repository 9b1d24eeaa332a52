import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf, usageError } from '../errors.ts';
import type { Sample } from '../measure/sample.ts';
import { roundLines } from './rounds.ts';
import { resultsSchema, type Results } from './schema.ts';
import { seal } from './seal.ts';

/** The names of a run folder's files. */
export const RUN_FILES = {
  results: 'results.json',
  samples: 'samples.ndjson',
  /** The good samples' milestones by cell and round: what runs are compared by. */
  rounds: 'rounds.ndjson',
  scenario: 'scenario.yaml',
} as const;

/** Makes the run folder. Throws a usage error when it holds something already: a run never overwrites another. */
export async function claimFolder(folder: string): Promise<void> {
  let entries: string[];
  try {
    await mkdir(folder, { recursive: true });
    entries = await readdir(folder);
  } catch (error) {
    throw usageError(`Cannot make the run folder ${folder}: ${messageOf(error)}`, 'Name another with --out.');
  }
  if (entries.length > 0) {
    throw usageError(
      `The run folder ${folder} exists and is not empty (it holds ${entries[0]})`,
      'Name another with --out, or remove it: a run never overwrites another.',
    );
  }
}

/**
 * Writes a run's data, and answers with the results as they were written: checked against their schema, and sealed. Each
 * file appears whole or not at all.
 */
export async function writeRun(
  folder: string,
  run: { results: Results; samples: readonly Sample[]; scenarioYaml: string },
): Promise<Results> {
  await writeLines(join(folder, RUN_FILES.samples), sampleLines(run.samples));
  const rounds = createHash('sha256');
  await writeLines(join(folder, RUN_FILES.rounds), hashed(roundLines(run.samples), rounds));
  await writeFile(join(folder, RUN_FILES.scenario), run.scenarioYaml);
  const file = join(folder, RUN_FILES.results);
  const sealed = seal({ ...resultsSchema.parse(run.results), roundsSha256: rounds.digest('hex') });
  await writeFile(`${file}.part`, `${JSON.stringify(sealed, null, 2)}\n`);
  await rename(`${file}.part`, file);
  return sealed;
}

function* hashed(lines: Iterable<string>, hash: Hash): Generator<string> {
  for (const line of lines) {
    hash.update(line);
    yield line;
  }
}

async function writeLines(file: string, lines: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(lines), createWriteStream(`${file}.part`));
  await rename(`${file}.part`, file);
}

function* sampleLines(samples: readonly Sample[]): Generator<string> {
  for (const sample of samples) yield `${JSON.stringify(sample)}\n`;
}
