import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { messageOf, usageError } from '../errors.ts';
import { RUN_FILES } from './folder.ts';
import { resultsSchema, SCHEMA_VERSION, type Results } from './schema.ts';
import { isWhole } from './seal.ts';
import { checkHistograms } from './stored-histograms.ts';

/**
 * Reads and checks a results.json, named itself or by its run folder. Throws a usage error that names the file and
 * what is wrong: missing, not JSON, of a newer version, not of the schema, with a histogram that is damaged, or changed
 * after it was written.
 */
export async function readResults(path: string): Promise<Results> {
  const file = await locate(path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(
      `Cannot read ${file}: ${messageOf(error)}`,
      'Name a run folder or its results.json; `run` makes one.',
    );
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw usageError(`${file} is not JSON (truncated?): ${messageOf(error)}`, 'Run the scenario again.');
  }
  const version = z.looseObject({ schemaVersion: z.int() }).safeParse(document);
  if (!version.success) {
    throw usageError(
      `${file} is not a results file: it has no schemaVersion`,
      'Name a file that `run` wrote.',
    );
  }
  if (version.data.schemaVersion !== SCHEMA_VERSION) {
    throw usageError(
      `${file} has schemaVersion ${version.data.schemaVersion}; this version of the tool reads ${SCHEMA_VERSION}`,
      'Use the version of mqtt-tls-bench that wrote it, or run the scenario again.',
    );
  }
  const parsed = resultsSchema.safeParse(document);
  if (!parsed.success)
    throw usageError(`${file} is not a valid results file:\n${z.prettifyError(parsed.error)}`);
  // Of the document as it is: what the schema adds where an earlier version had nothing was not sealed.
  const whole = isWhole(version.data);
  if (whole === undefined) checkHistograms(parsed.data, file);
  else if (!whole)
    throw usageError(
      `${file} was changed after it was written: its \`sha256\` is not that of what is in it`,
      'Get the file back from where it is kept, or run the scenario again.',
    );
  return parsed.data;
}

async function locate(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, RUN_FILES.results) : path;
  } catch {
    return path;
  }
}
