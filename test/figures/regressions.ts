/**
 * What paired runs find and what they do not: `npm run -s figures:regressions -- [--aa N] [--aa-per-second N] [--repeats N]
 * [--only a,b] [--rounds N] [--backend tun|proxy]`. `--aa` runs of the reference case against itself, at its own rate or at
 * another; of each injected regression, `--repeats` runs. Of 100 A/A runs at most 1 may be called regressed (of fewer: none),
 * and every injected regression must be found, but 5 ms, over the link or at the broker, in 19 of 20 runs; 5 ms on one mode
 * in under 90 s each. Exit code 1 names what is missed. A run takes 10 to 30 seconds; the default takes ten minutes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAgainst, type PairedRun } from '../../src/commands/against.ts';
import type { ComparedCell } from '../../src/compare/comparison.ts';
import { DEFAULT_SETTINGS } from '../../src/compare/settings.ts';
import type { BackendName } from '../../src/link/backend.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { makePairedPlan } from '../../src/scenario/paired.ts';
import { conclude } from './run.ts';

const { values } = parseArgs({
  options: {
    aa: { type: 'string', default: '5' },
    repeats: { type: 'string', default: '2' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '30' },
    backend: { type: 'string', default: 'auto' },
    'aa-per-second': { type: 'string' },
  },
});

interface Injection {
  /** Settings of both, of the baseline and of the candidate. */
  both: string[];
  baseline: string[];
  candidate: string[];
  planOf?: typeof makePairedPlan;
  /** One of so many runs may miss it; absent: none. */
  oneMissOf?: number;
  /** A run, its second look included, may take so many seconds. */
  withinSeconds?: number;
  /** What of which cell must be called regressed; without kinds the candidate lacks it. */
  found: { cell: string; kinds: ComparedCell['effects'][number]['kind'][] };
}

/** A broker of one's own, by the file beside this one and its arguments. */
function own(file: string, ...args: string[]): string {
  const command = [process.execPath, fileURLToPath(new URL(file, import.meta.url)), '{host}', ...args];
  return `broker=${JSON.stringify({ name: 'command', label: 'own', command })}`;
}

/** One that refuses a share of its clients. */
function refusing(share: number): string {
  return own('./refusing-broker.ts', '{port:plain}', '{port:tls13}', '{cert}', '{key}', String(share));
}

/** One that shows certificates in place of its pre-shared key after so many connections. */
function keyedUntil(connections: number): string {
  const files = ['{psk}', '{cert}', '{key}'];
  return own('./psk-broker.ts', '{port:plain}', '{port:tls13-psk}', ...files, String(connections));
}

/** So that what runs at one time is not each other's disturbance; the reference case itself asks for 75. */
const GENTLY = 'workload.connectionsPerSecond=25';
const FEW_MODES = 'modes=[plain, tls12, tls13]';
const INJECTIONS: Record<string, Injection> = {
  'one round trip more (HelloRetryRequest)': {
    both: [GENTLY],
    baseline: [FEW_MODES],
    candidate: ['modes=[plain, tls12, tls13-hrr]'],
    found: { cell: 'tls13-hrr/reference', kinds: ['timing', 'trips'] },
  },
  '5 ms more on tls13 (its link has 35 ms one way in place of 34, five trips)': {
    both: [FEW_MODES, 'rounds=100', 'workload.connectionsPerSecond=40'],
    baseline: [],
    candidate: [],
    oneMissOf: 20,
    withinSeconds: 90,
    planOf: (...variants) => withSlowerLink(makePairedPlan(...variants)),
    found: { cell: 'tls13/reference', kinds: ['timing'] },
  },
  // Both ask; first data waits for no answer, so CONNACK is where it shows.
  '5 ms more at the broker (its access management answers later)': {
    // Two brokers and two services more than elsewhere: so many processes disturb each other at the usual rate.
    both: [FEW_MODES, 'rounds=100', 'links=[reference]', 'workload.connectionsPerSecond=20'],
    baseline: ['broker={ name: aedes, access: { at: connect } }'],
    candidate: ['broker={ name: aedes, access: { at: connect, delayMsByMode: { tls13: 5 } } }'],
    oneMissOf: 20,
    found: { cell: 'tls13/reference', kinds: ['timing'] },
  },
  '1 kB of certificate more': {
    both: [],
    baseline: [FEW_MODES],
    candidate: ['modes=[plain, tls12, { mode: tls13, padBytes: 1000 }]'],
    found: { cell: 'tls13+padBytes=1000/reference', kinds: ['bytes'] },
  },
  'a pre-shared key replaced by certificates': {
    both: [],
    baseline: ['modes=[plain, tls12, tls13-psk]'],
    candidate: [FEW_MODES],
    found: { cell: 'tls13/reference', kinds: ['bytes'] },
  },
  // Clients of a PSK can verify no certificate: what would be silent between others fails here. The broker is good while it is tried.
  'a pre-shared key silently replaced by certificates in a broker of one mode (after 10 connections)': {
    both: ['modes=[plain, tls13-psk]'],
    baseline: [keyedUntil(Infinity)],
    candidate: [keyedUntil(10)],
    found: { cell: 'tls13-psk/reference', kinds: ['losses'] },
  },
  'a pre-shared key silently replaced by certificates in a broker of one mode (from its start)': {
    both: ['modes=[plain, tls13-psk]'],
    baseline: [keyedUntil(Infinity)],
    candidate: [keyedUntil(0)],
    found: { cell: 'tls13-psk/reference', kinds: [] },
  },
  '2 % more failures (its broker refuses so many clients)': {
    both: [
      'modes=[plain, tls13]',
      'links=[reference]',
      'workload.action=subscribe',
      'workload.connectionsPerSecond=100',
      'rounds=500',
    ],
    baseline: [refusing(0)],
    candidate: [refusing(0.02)],
    found: { cell: 'reference', kinds: ['losses'] },
  },
};

const missed: string[] = [];
const only = values.only?.split(',');
await checkAa(Number(values.aa));
for (const [name, injection] of Object.entries(INJECTIONS)) {
  if (only !== undefined && !only.some((part) => name.includes(part))) continue;
  await checkInjection(name, injection, Number(values.repeats));
}
conclude(missed);

async function checkAa(runs: number): Promise<void> {
  const perSecond = values['aa-per-second'];
  const rate = perSecond === undefined ? [] : [`workload.connectionsPerSecond=${perSecond}`];
  let suspected = 0;
  let alarms = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const { comparison } = await measure([...rate, `seed=${seed}`], [], []);
    const first = comparison.confirmation?.first ?? comparison;
    if (first.verdict === 'regressed') suspected++;
    if (comparison.verdict === 'regressed') alarms++;
    tell(`A/A ${seed}: ${first.verdict}, at last ${comparison.verdict} ${JSON.stringify(comparison.counts)}`);
  }
  tell(`A/A: of ${runs} runs ${suspected} seemed to have regressed, ${alarms} were called so.`);
  if (alarms > Math.floor(runs / 100)) missed.push(`${alarms} false alarms in ${runs} A/A runs`);
}

async function checkInjection(name: string, injection: Injection, runs: number): Promise<void> {
  const {
    both,
    baseline,
    candidate,
    planOf,
    oneMissOf = Infinity,
    withinSeconds = Infinity,
    found,
  } = injection;
  let hits = 0;
  const seconds: number[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    const begun = performance.now();
    const { comparison } = await measure([...both, `seed=${seed}`], baseline, candidate, planOf);
    seconds.push((performance.now() - begun) / 1000);
    const called = [...comparison.cells, ...comparison.groups]
      .filter(({ id }) => id.startsWith(`${found.cell}/`))
      .flatMap(({ effects }) => effects.filter((effect) => effect.judged && effect.verdict === 'regressed'));
    const kinds = new Set(called.map(({ kind }) => kind));
    const lacks = comparison.missing.inCandidate.filter((id) => id.startsWith(`${found.cell}/`));
    const isFound =
      comparison.verdict === 'regressed' &&
      (found.kinds.length > 0 ? found.kinds.every((kind) => kinds.has(kind)) : lacks.length > 0);
    if (isFound) hits++;
    const { verdict, confirmation } = comparison;
    tell(
      `${name}, ${seed}: ${confirmation?.first.verdict ?? verdict}, at last ${verdict}: ${[...called.map(({ what, difference }) => `${what} ${difference?.toFixed(2)}`), ...lacks.map((id) => `lacks ${id}`)].join(', ')}`,
    );
    if (!isFound)
      for (const { id, effects } of [...comparison.cells, ...comparison.groups])
        if (id.startsWith(`${found.cell}/`))
          for (const { kind, what, verdict: its, because } of effects)
            if (found.kinds.includes(kind)) tell(`  ${what}: ${its}. ${because ?? ''}`);
    const others = comparison.cells.filter(
      (cell) =>
        cell.verdict === 'regressed' &&
        cell.baselineId === undefined &&
        modeOf(cell.id) !== modeOf(found.cell),
    );
    if (found.cell !== 'reference' && others.length > 0)
      missed.push(
        `${name}: ${others.map(({ id }) => id).join()} regressed too, and nothing was injected there`,
      );
  }
  const slowest = Math.max(...seconds);
  tell(`${name}: found in ${hits} of ${runs} runs, the slowest of which took ${slowest.toFixed(0)} s.`);
  if (slowest >= withinSeconds)
    missed.push(`${name}: a run took ${slowest.toFixed(0)} s, expected less than ${withinSeconds} s`);
  if (hits < runs - Math.floor(runs / oneMissOf)) missed.push(`${name}: found in ${hits} of ${runs} runs`);
}

/** What is done to a mode at its broker, it has over every link. */
function modeOf(cell: string): string {
  return cell.split('/')[0] ?? cell;
}

async function measure(
  both: readonly string[],
  baseline: readonly string[],
  candidate: readonly string[],
  planOf?: typeof makePairedPlan,
): Promise<PairedRun> {
  const scratch = await mkdtemp(join(tmpdir(), 'figures-'));
  const load = (own: readonly string[]) =>
    loadScenario('scenarios/reference.yaml', { set: [`rounds=${values.rounds}`, ...both, ...own] });
  try {
    return await runAgainst(
      { baseline: await load(baseline), candidate: await load(candidate) },
      join(scratch, 'run'),
      DEFAULT_SETTINGS,
      { backend: values.backend as BackendName | 'auto', allowUncalibrated: true, confirm: true },
      new AbortController().signal,
      planOf,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Leads the candidate's cell of TLS 1.3 over a link of its own, which is really a millisecond longer each way. */
function withSlowerLink({
  baseline,
  candidate,
}: ReturnType<typeof makePairedPlan>): ReturnType<typeof makePairedPlan> {
  const { scenario, cells } = candidate;
  const reference = scenario.links.find(({ id }) => id === 'reference');
  if (reference === undefined) throw new Error('The reference case has no reference link');
  const longer = (way: typeof reference.up): typeof way => ({ ...way, delayMs: way.delayMs + 1 });
  const slower = {
    ...reference,
    id: 'reference-and-1ms',
    up: longer(reference.up),
    down: longer(reference.down),
  };
  return {
    baseline,
    candidate: {
      ...candidate,
      scenario: { ...scenario, links: [...scenario.links, slower] },
      cells: cells.map((cell) =>
        cell.mode === 'tls13' && cell.link.id === 'reference' ? { ...cell, link: slower } : cell,
      ),
    },
  };
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}
