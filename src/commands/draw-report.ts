import { join } from 'node:path';
import { reportTerminal } from '../report/terminal.ts';
import { writeReport } from '../report/write.ts';
import type { Results } from '../results/schema.ts';

/** Writes the report into a run folder; answers with what a terminal shows of it: the summary and where the rest is. */
export async function drawReport(results: Results, folder: string): Promise<string> {
  await writeReport(results, folder);
  return `${reportTerminal(results)}\n\n${join(folder, 'report.html')}`;
}
