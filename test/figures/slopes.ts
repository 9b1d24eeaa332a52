/**
 * The slope of first data over five delays, for all seven modes: `npm run -s figures:slopes -- [--backend tun|proxy]`.
 * Every slope must be within 0.05 trips of theory; exit code 1 names what is missed.
 */
import { parseArgs } from 'node:util';
import { conclude, runScenario } from './run.ts';

const LIMIT_TRIPS = 0.05;

const { values } = parseArgs({ options: { backend: { type: 'string', default: 'auto' } } });
const { results } = await runScenario('scenarios/rtt-sweep.yaml', '--backend', values.backend);
const slopes = results.slopes.filter(({ milestone }) => milestone === 'connectReceived');
const missed = slopes.length === 7 ? [] : [`${slopes.length} of 7 modes have a slope`];
for (const { mode, predicted, trips, interceptMs, r2, delays } of slopes) {
  process.stdout.write(
    `${mode}: ${trips.toFixed(4)} trips (theory ${predicted}), ${interceptMs.toFixed(2)} ms at no delay, R² ${r2.toFixed(6)} over ${delays} delays\n`,
  );
  if (Math.abs(trips - predicted) > LIMIT_TRIPS)
    missed.push(`${mode}: ${trips.toFixed(4)} trips, theory says ${predicted}`);
}
conclude(missed);
