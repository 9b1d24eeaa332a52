/**
 * Runs the reference case as a user does and holds it against what was promised of it:
 * `npm run -s figures:reference -- [--rounds N] [--trips-only]`. Exit code 1 names what is missed. With --trips-only
 * the limits in milliseconds, which depend on how busy the machine is, are printed but not enforced.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { resultsSchema, type Results } from '../../src/results/schema.ts';

const LIMITS = { wallSeconds: 60, residualMs: 5, overNullMs: 1.5, rssBytes: 300e6 };

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, 'trips-only': { type: 'boolean', default: false } },
});
const folder = await mkdtemp(join(tmpdir(), 'figures-'));
const startedMs = performance.now();
let results: Results;
try {
  const { stdout } = await execa(
    process.execPath,
    [
      'src/cli.ts',
      'run',
      'scenarios/reference.yaml',
      '--json',
      '--out',
      join(folder, 'run'),
      '--set',
      `rounds=${values.rounds}`,
    ],
    { stderr: 'inherit', maxBuffer: 100e6 },
  );
  results = resultsSchema.parse(JSON.parse(stdout));
} finally {
  await rm(folder, { recursive: true, force: true });
}
const wallSeconds = (performance.now() - startedMs) / 1000;

const missed: string[] = [];
const demand = (holds: boolean, text: string): void => void (holds || missed.push(text));
const demandTiming = values['trips-only'] ? (): void => {} : demand;

const rows = results.cells.flatMap(({ mode, link, samples, trips }) => {
  const first = trips.connectReceived;
  if (first?.inferred === undefined || first.nullP50Ms === undefined) return [];
  for (const [milestone, { predicted, inferred }] of Object.entries(trips)) {
    demand(
      inferred !== undefined && Math.round(inferred) === predicted,
      `${mode} ${milestone}: inferred ${inferred?.toFixed(2)} trips, theory says ${predicted}`,
    );
  }
  const overNullMs = first.residualMs - first.nullP50Ms;
  demandTiming(first.residualMs <= LIMITS.residualMs, `${mode}: residual ${first.residualMs.toFixed(2)} ms`);
  demandTiming(overNullMs <= LIMITS.overNullMs, `${mode}: ${overNullMs.toFixed(2)} ms more than over null`);
  return [
    {
      mode,
      link,
      ok: samples.ok,
      tainted: samples.tainted,
      trips: first.predicted,
      inferred: first.inferred.toFixed(3),
      residualMs: first.residualMs.toFixed(2),
      nullP50Ms: first.nullP50Ms.toFixed(2),
      overNullMs: overNullMs.toFixed(2),
    },
  ];
});
demand(results.complete, 'the run is not complete');
demand(rows.length === 7, `${rows.length} of 7 modes could be held against a null link`);
demand(wallSeconds < LIMITS.wallSeconds, `the run took ${wallSeconds.toFixed(1)} s`);
for (const { role, maxRssBytes } of results.processes) {
  demand(maxRssBytes < LIMITS.rssBytes, `${role} used ${(maxRssBytes / 1e6).toFixed(0)} MB`);
}

for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
process.stdout.write(
  `${wallSeconds.toFixed(1)} s, largest process ${(Math.max(...results.processes.map(({ maxRssBytes }) => maxRssBytes)) / 1e6).toFixed(0)} MB\n`,
);
for (const text of missed) process.stdout.write(`MISSED ${text}\n`);
process.exitCode = missed.length === 0 ? 0 : 1;
