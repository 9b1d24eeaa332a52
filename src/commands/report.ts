import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readResults } from '../results/read.ts';
import { drawReport } from './draw-report.ts';
import { print } from './output.ts';

/** `report DIR`: draws the report of an old run again, beside its results.json. */
export async function execute(path: string): Promise<ExitCode> {
  const results = await readResults(path);
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  print(await drawReport(results, folder));
  return EXIT.good;
}
