/**
 * Every mode against theory: `npm run -s figures:slopes -- [--backend tun|proxy] [--modes a,b] [--delays 0,34] [--rounds N]
 * [--per-second N]`. The slope of first data over the delays (ms one way) must be within 0.05 trips of theory; of all
 * attempts of a mode fewer than 1 % may have failed and fewer than 1 % be excluded; at least 99 % must have resumed a
 * session where the mode resumes, and none elsewhere. Exit code 1 names what is missed. All modes take three to four minutes.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FIRST_DATA } from '../../src/measure/milestones.ts';
import { tripsTo } from '../../src/model/theory.ts';
import { MODE_NAMES, modeNamed } from '../../src/modes/index.ts';
import type { Results } from '../../src/results/schema.ts';
import { modeInput } from '../../src/scenario/modes.ts';
import { conclude, runScenario } from './run.ts';

const LIMITS = { trips: 0.05, lostShare: 0.01, resumedShare: 0.99 };

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'auto' },
    modes: { type: 'string', default: MODE_NAMES.join() },
    delays: { type: 'string', default: '0,10,34,68,150' },
    rounds: { type: 'string', default: '24' },
    // A DHE-PSK handshake keeps the broker busy for tens of milliseconds; what arrives meanwhile must be the exception.
    'per-second': { type: 'string', default: '20' },
  },
});
const modes = values.modes.split(',').map((id) => modeNamed(id).name);
const { results, wallSeconds } = await measure();

const missed = results.complete ? [] : [`the run is not complete: ${results.incompleteBecause}`];
for (const { mode, reason } of results.unsupported)
  process.stdout.write(`${mode}: not supported: ${reason}\n`);
const unsupported = new Set(results.unsupported.map(({ mode }) => mode));
for (const mode of modes.filter((mode) => !unsupported.has(mode))) missed.push(...hold(mode));
process.stdout.write(`${wallSeconds.toFixed(0)} s\n`);
conclude(missed);

async function measure(): ReturnType<typeof runScenario> {
  const folder = await mkdtemp(join(tmpdir(), 'figures-slopes-'));
  try {
    const file = join(folder, 'slopes.yaml');
    // JSON is YAML.
    const scenario = {
      name: 'slopes',
      question: 'How many one-way trips does each mode take, whatever the link?',
      modes: modes.map(modeInput),
      links: values.delays.split(',').map((ms) => ({ name: `${ms}ms`, oneWayMs: Number(ms) })),
      workload: { kind: 'handshake', connectionsPerSecond: Number(values['per-second']) },
      rounds: Number(values.rounds),
      warmupRounds: 2,
      // What is over it is told below, by mode.
      expect: { failureBudget: 1 },
    };
    await writeFile(file, JSON.stringify(scenario));
    return await runScenario(file, '--backend', values.backend);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Prints what a mode did, and answers where it is not what theory says. */
function hold(mode: string): string[] {
  const slope = results.slopes.find((line) => line.mode === mode && line.milestone === FIRST_DATA);
  const { attempted, failed, excluded, tainted, reasons } = accountOf(results, mode);
  const resumed = resumedShare(results, mode);
  const line =
    slope === undefined
      ? 'no slope'
      : `${slope.trips.toFixed(4)} trips (theory ${slope.predicted}), ${slope.interceptMs.toFixed(2)} ms at no delay, R² ${slope.r2.toFixed(6)} over ${slope.delays} delays`;
  process.stdout.write(
    `${mode}: ${line}; ` +
      `of ${attempted} attempts ${failed} failed, ${excluded} excluded, ${tainted} disturbed${reasons}; ${(100 * resumed).toFixed(1)} % resumed\n`,
  );
  const { theory, expected } = modeNamed(mode);
  return [
    ...(slope !== undefined && Math.abs(slope.trips - slope.predicted) <= LIMITS.trips
      ? []
      : [`${mode}: ${slope?.trips.toFixed(4) ?? 'no'} trips, theory says ${tripsTo(theory, FIRST_DATA)}`]),
    ...(attempted > 0 && failed / attempted < LIMITS.lostShare
      ? []
      : [`${mode}: ${failed} of ${attempted} failed`]),
    ...(excluded / attempted < LIMITS.lostShare ? [] : [`${mode}: ${excluded} of ${attempted} excluded`]),
    ...((expected.resumed ? resumed >= LIMITS.resumedShare : resumed === 0)
      ? []
      : [`${mode}: ${(100 * resumed).toFixed(1)} % resumed a session`]),
  ];
}

/** The fates of a mode's attempts over all links, with the reasons. */
function accountOf({ cells }: Results, mode: string) {
  const own = cells.filter((cell) => cell.mode === mode).map(({ samples }) => samples);
  const sum = (field: 'attempted' | 'failed' | 'excluded' | 'tainted'): number =>
    own.reduce((total, samples) => total + samples[field], 0);
  const counts = new Map<string, number>();
  for (const { reasons } of own)
    for (const [reason, count] of Object.entries(reasons))
      counts.set(reason, (counts.get(reason) ?? 0) + count);
  const list = [...counts].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return {
    attempted: sum('attempted'),
    failed: sum('failed'),
    excluded: sum('excluded'),
    tainted: sum('tainted'),
    reasons: list === '' ? '' : ` (${list})`,
  };
}

/** The share of a mode's connections that resumed a session, as the client says; where the broker does not agree, they are excluded. */
function resumedShare({ cells }: Results, mode: string): number {
  const lines = cells
    .filter((cell) => cell.mode === mode)
    .flatMap(({ negotiated }) => Object.entries(negotiated));
  const count = (all: typeof lines): number => all.reduce((total, [, count]) => total + count, 0);
  return count(lines.filter(([line]) => line.split(', ').includes('resumed'))) / count(lines);
}
