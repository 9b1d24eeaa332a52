/**
 * What a report costs: every file of the reference case's 14 cells, in a process of its own.
 *
 *     node test/report/cost.ts
 *
 * Prints one JSON document: milliseconds on the clock and of CPU, the largest memory, and the size of report.html.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeReport } from '../../src/report/write.ts';
import { fixture } from './fixture.ts';

const folder = await mkdtemp(join(tmpdir(), 'report-cost-'));
try {
  const results = fixture();
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const { files } = await writeReport(results, folder);
  const clockMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  const cost = {
    cells: results.cells.length,
    files: files.length,
    clockMs: Math.round(clockMs),
    cpuMs: Math.round((user + system) / 1000),
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
    htmlBytes: (await stat(join(folder, 'report.html'))).size,
  };
  process.stdout.write(`${JSON.stringify(cost)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
