/**
 * Runs the reference case as a user does and holds it against what was promised of it:
 * `npm run -s figures:reference -- [--rounds N] [--backend tun|proxy] [--trips-only]`. Exit code 1 names what is missed. With --trips-only
 * the limits in milliseconds, which depend on how busy the machine is, are printed but not enforced.
 */
import { parseArgs } from 'node:util';
import { conclude, runScenario } from './run.ts';

const LIMITS = { wallSeconds: 60, residualMs: 5, overNullMs: 1.5, rssBytes: 300e6 };

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    backend: { type: 'string', default: 'auto' },
    'trips-only': { type: 'boolean', default: false },
  },
});
const { results, wallSeconds } = await runScenario(
  'scenarios/reference.yaml',
  '--set',
  `rounds=${values.rounds}`,
  '--backend',
  values.backend,
);

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
conclude(missed);
