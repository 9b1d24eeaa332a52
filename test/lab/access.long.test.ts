import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { accessSchema } from '../../src/broker/access/choice.ts';
import { resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import type { Milestone } from '../../src/measure/milestones.ts';
import { CREDENTIAL_FILES, readCredentials, type ClientCredentials } from '../../src/pki/credentials.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { accessWaitsOf } from '../../src/lab/access.ts';
import { theoryOf } from '../../src/lab/refusals.ts';
import { tripsTo } from '../../src/model/theory.ts';
import { makePlan, type Plan } from '../../src/scenario/plan.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { SILENT } from '../../src/lab/observer.ts';
import {
  AEDES,
  expectNothingLeft,
  handshakes,
  measure,
  privateFolders,
  scenarioWith,
} from '../helpers/runs.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

const ONE_WAY_MS = 20;
const DELAY_MS = 80;
const MODES = ['tls13', 'tls13+auth=password', 'tls13+auth=password+credentials=wrong-password'];
const ROUNDS = 3;
const access = (label: string, settings: object) =>
  brokerOf({ name: 'aedes', label, access: accessSchema.parse(settings) });

const newFolder = sharedFolders();
let folder: string;
let plan: Plan;
let results: Results;
let samples: Sample[];
let passwordLines: string;
let credentials: ClientCredentials | undefined;
beforeAll(async () => {
  folder = join(newFolder(), 'run');
  const scenario = scenarioWith({
    modes: MODES,
    links: [resolveLink({ name: 'near', oneWayMs: ONE_WAY_MS })],
    brokers: [
      AEDES,
      access('topic', { delayMs: DELAY_MS }),
      access('kept', { delayMs: DELAY_MS, cache: true }),
      access('connect', { delayMs: DELAY_MS, at: 'connect' }),
      access('denied', { deny: 'publish', delayMs: DELAY_MS }),
    ],
    workloads: [handshakes({ connectionsPerSecond: 30 })],
    rounds: ROUNDS,
    warmupRounds: 1,
  });
  plan = makePlan(scenario);
  const observer = {
    ...SILENT,
    progress: () => {
      const [own] = privateFolders();
      if (own === undefined || credentials !== undefined) return;
      const path = join(tmpdir(), own);
      passwordLines = readFileSync(join(path, CREDENTIAL_FILES.passwords), 'utf8');
      void readCredentials(path).then((found) => (credentials = found));
    },
  };
  ({ results, samples } = await measure(scenario, folder, { observer }));
}, 60_000);

function cellOf(mode: string, broker: string): CellResult {
  const cell = results.cells.find((each) => each.mode === mode && each.broker === broker);
  if (cell === undefined) throw new Error(`No cell of ${mode} on ${broker}`);
  return cell;
}

/** The quickest attempt of a cell. */
function quickest(id: string, milestone: Milestone): number {
  const own = samples.filter(({ cell, warmup }) => cell === id && !warmup);
  return Math.min(...own.map(({ milestonesMs }) => milestonesMs[milestone] ?? Infinity));
}

it('every attempt is good, and who is to be refused is', () => {
  for (const { samples: counted } of results.cells)
    expect(counted).toMatchObject({ attempted: ROUNDS, ok: ROUNDS });
  expect(cellOf(MODES[2] ?? '', 'aedes').negotiated).toEqual({ 'refused by the broker: connack:4': ROUNDS });
  expect(cellOf('tls13', 'denied').negotiated).toEqual({
    'refused by the broker: closed-by-broker': ROUNDS,
  });
});

it.each([
  [
    'tls13',
    'topic',
    { connackReceived: 0, publishReceived: 0, delivered: DELAY_MS, pubackReceived: DELAY_MS },
  ],
  ['tls13+auth=password', 'topic', { connackReceived: 0, delivered: DELAY_MS }],
  // Every attempt has a client identifier of its own, and all of them one user.
  ['tls13', 'kept', { delivered: DELAY_MS }],
  ['tls13+auth=password', 'kept', { delivered: 0 }],
  ['tls13', 'connect', { connackReceived: DELAY_MS, publishReceived: DELAY_MS, delivered: DELAY_MS }],
  ['tls13', 'denied', { connackReceived: 0, refused: DELAY_MS }],
  [MODES[2] ?? '', 'connect', { refused: 0 }],
] as const)(
  '%s on %s: the service’s delay is where theory has it, and first data without',
  (mode, broker, later) => {
    const cell = plan.cells.find((each) => each.mode === mode && each.broker.id === broker);
    if (cell === undefined) throw new Error('No such cell');
    for (const [name, expected] of Object.entries({ connectReceived: 0, ...later })) {
      const milestone = name as Milestone;
      expect([name, accessWaitsOf(cell)(milestone)]).toEqual([name, expected]);
      const theory = (tripsTo(theoryOf(cell), milestone) ?? Number.NaN) * ONE_WAY_MS + expected;
      const ms = quickest(cell.id, milestone);
      // However busy the machine is, nothing is there sooner.
      expect([name, ms, theory]).toSatisfy(() => Number.isFinite(ms) && ms > theory - 1);
    }
  },
);

it('what was asked is in the samples, and counted', () => {
  expect(cellOf('tls13', 'aedes').access).toBeUndefined();
  expect(cellOf('tls13', 'topic').access).toMatchObject({ at: 'topic', asked: ROUNDS, kept: 0, denied: 0 });
  expect(cellOf('tls13+auth=password', 'kept').access).toMatchObject({ cache: true, asked: 0, kept: ROUNDS });
  expect(cellOf('tls13', 'denied').access).toMatchObject({ asked: ROUNDS, denied: ROUNDS });
  // Who is refused before is asked about nowhere.
  expect(cellOf(MODES[2] ?? '', 'connect').access).toMatchObject({ asked: 0, kept: 0 });
  const asked = samples.find(({ cell }) => cell.startsWith('tls13/near/topic/'))?.access?.[0];
  expect(asked).toMatchObject({ before: 'publish', cached: false, outcome: 'allowed' });
  expect(asked?.tookMs).toBeGreaterThanOrEqual(DELAY_MS);
});

it('no secret of the run is in its results, and nothing is left', async () => {
  const { username, password, clientIdPrefix } = credentials ?? {};
  expect(passwordLines).toContain(username);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.\w+$/.test(name)) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    for (const secret of [password, username, clientIdPrefix])
      expect(text).not.toContain(secret ?? 'nothing');
  }
  await expectNothingLeft();
});
