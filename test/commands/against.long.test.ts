import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comparisonSchema, type Comparison } from '../../src/compare/comparison.ts';
import { aaSchema } from '../../src/compare/sensitivity.ts';
import { gateSchema } from '../../src/gate/gate.ts';
import { resultsSchema } from '../../src/results/schema.ts';
import { cliIn, heard, startCli } from '../helpers/cli.ts';

// So few a second, and so far, that a busy machine does not disturb more than half of them.
const SCENARIO = `name: near
question: Did it get worse?
modes: [plain, tls13]
links: [{ name: near, oneWayMs: 15 }, null]
workload: { kind: handshake, connectionsPerSecond: 15, timeoutMs: 3000 }
rounds: 30
warmupRounds: 2
`;
const QUICK = ['--backend', 'proxy', '--allow-uncalibrated'];
const TLS13 = 'tls13/near/aedes/direct/handshake';
let folder: string;
let tries = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
  writeFileSync(join(folder, 'near.yaml'), SCENARIO);
  writeFileSync(join(folder, 'slower.yaml'), SCENARIO.replace('oneWayMs: 15', 'oneWayMs: 30'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function paired(...args: string[]): Promise<{ code: number | undefined; comparison: Comparison }> {
  const { code, stdout, stderr } = await cliIn(folder, 'run', ...args, '--json', ...QUICK);
  if (stdout === '') throw new Error(stderr);
  return { code, comparison: comparisonSchema.parse(JSON.parse(stdout)) };
}

function resultsIn(run: string): ReturnType<typeof resultsSchema.parse> {
  return resultsSchema.parse(JSON.parse(readFileSync(join(folder, run, 'results.json'), 'utf8')));
}

test('the same against itself: no regression, and two ordinary run folders', async () => {
  const { code, comparison } = await paired('near.yaml', '--against', 'near.yaml', '--out', 'aa');
  expect({ code, regressed: comparison.counts.regressed }).toEqual({ code: 0, regressed: 0 });
  expect(comparison.environment).toEqual([]);
  for (const variant of ['baseline', 'candidate']) {
    const { cells, links, processes, environment } = resultsIn(`aa/${variant}`);
    expect(cells.map(({ id }) => id)).toContain(TLS13);
    expect(cells.every(({ samples }) => samples.attempted === 30 && samples.failed === 0)).toBe(true);
    expect(links.map(({ id }) => id)).toEqual(['near', 'null']);
    expect(environment['broker']).toMatch(/^aedes [^;]*$/);
    expect(processes.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['broker-baseline:aedes', 'broker-candidate:aedes']),
    );
    expect(existsSync(join(folder, `aa/${variant}/report.html`))).toBe(true);
  }
  expect(comparison.cells[1]?.effects[0]).toMatchObject({ source: 'paired rounds' });
  expect(readFileSync(join(folder, 'aa/comparison.md'), 'utf8')).toMatch(/^<!-- mqtt-tls-bench near -->/);
  // What was written can be compared again.
  expect((await cliIn(folder, 'compare', 'aa/baseline', 'aa/candidate')).code).toBe(0);
});

// On a machine that is busy with something else a second measurement may be too disturbed to say anything.
test(
  'a link that became 15 ms slower: found, measured again and confirmed; exit code 3',
  { retry: 2 },
  async () => {
    const out = `slower-${++tries}`;
    const { code, comparison } = await paired('slower.yaml', '--against', 'near.yaml', '--out', out);
    expect(code).toBe(3);
    const cell = comparison.cells.find(({ id }) => id === TLS13);
    expect(cell?.effects[0]).toMatchObject({ kind: 'timing', what: 'connectReceived' });
    expect(cell?.effects[0]?.difference).toBeGreaterThan(60);
    const { confirmation } = comparison;
    expect(confirmation?.first.verdict).toBe('regressed');
    expect(confirmation?.confirmed).toContain(TLS13);
    expect(resultsIn(`${out}/confirmation/candidate`).seed).not.toBe(resultsIn(`${out}/candidate`).seed);
    expect(resultsIn(`${out}/confirmation/baseline`).cells.map(({ link }) => link)).not.toContain('null');
  },
);

test('--against-set: the baseline is the same scenario but for this; partners are named; --no-confirm', async () => {
  const settings = [
    '--set',
    'modes=[plain, tls13-hrr]',
    '--against-set',
    'modes=[plain, tls13]',
    '--no-confirm',
  ];
  const { code, comparison } = await paired('near.yaml', ...settings, '--out', 'hrr');
  expect(code).toBe(3);
  expect(comparison.confirmation).toBeUndefined();
  const cell = comparison.cells.find(({ id }) => id.startsWith('tls13-hrr/near'));
  expect(cell?.baselineId).toBe(TLS13);
  expect(cell?.effects.find(({ kind }) => kind === 'bytes')?.verdict).toBe('regressed');
  expect(existsSync(join(folder, 'hrr/confirmation'))).toBe(false);
});

test(
  'gate --against checks what the candidate expects, too; gate --baseline confirms by a whole second run',
  { retry: 2 },
  async () => {
    const [gatedOut, worseOut] = [`gated-${++tries}`, `worse-${tries}`];
    const against = ['--against-set', 'links.0.oneWayMs=15', '--no-confirm'];
    const gated = await cliIn(folder, 'gate', 'near.yaml', ...against, '--out', gatedOut, '--json', ...QUICK);
    expect(gated.code).toBe(0);
    expect(gateSchema.parse(JSON.parse(gated.stdout)).comparison?.counts.regressed).toBe(0);
    const worse = await cliIn(
      folder,
      'gate',
      'slower.yaml',
      '--baseline',
      `${gatedOut}/baseline`,
      '--out',
      worseOut,
      '--json',
      ...QUICK,
    );
    expect(worse.code).toBe(3);
    const { comparison } = gateSchema.parse(JSON.parse(worse.stdout));
    expect(comparison?.confirmation?.confirmed).toContain(TLS13);
    expect(resultsIn(`${worseOut}/confirmation`).cells).toHaveLength(4);
  },
);

test('calibrate --aa: what can be detected, for all cells, and a document that --aa reads', async () => {
  const { code, stdout } = await cliIn(
    folder,
    'calibrate',
    '--aa',
    'near.yaml',
    '--rounds',
    '24',
    '--effect-ms',
    '3',
    '--out',
    'sense',
    '--json',
    ...QUICK,
  );
  expect(code).toBe(0);
  const document = aaSchema.parse(JSON.parse(stdout));
  expect(document).toMatchObject({ rounds: 24, effectMs: 3, judged: 8 });
  expect(document.cells).toHaveLength(8);
  for (const { paired } of document.cells) expect(paired.detectableMs).toBeLessThan(50);
  const strict = [
    '--min-effect-ms',
    '0.000001',
    '--min-effect-percent',
    '0',
    '--aa',
    'sense/aa.json',
    '--json',
  ];
  const compared = await cliIn(folder, 'compare', 'aa/baseline', 'aa/candidate', ...strict);
  const comparison = comparisonSchema.parse(JSON.parse(compared.stdout));
  expect(comparison.cells[0]?.effects[0]?.because).toMatch(/the A\/A run says that/);
});

test('interrupted: both are saved and marked, and nothing is measured again; exit code 130', async () => {
  const run = startCli(
    [
      'run',
      'slower.yaml',
      '--against',
      'near.yaml',
      '--set',
      'rounds=400',
      '--out',
      'cut',
      '--json',
      ...QUICK,
    ],
    { cwd: folder },
  );
  await heard(run, 'measuring');
  await new Promise((resolve) => setTimeout(resolve, 4000));
  run.kill('SIGINT');
  const { exitCode, stdout } = await run;
  expect(exitCode).toBe(130);
  for (const variant of ['baseline', 'candidate']) expect(resultsIn(`cut/${variant}`).complete).toBe(false);
  expect(comparisonSchema.parse(JSON.parse(stdout)).notes).toContainEqual(
    expect.stringContaining('did not finish'),
  );
  expect(existsSync(join(folder, 'cut/confirmation'))).toBe(false);
});

test(
  'interrupted while it is measured again: nothing is called a regression that was seen once; exit code 130',
  { retry: 2 },
  async () => {
    const out = `again-${++tries}`;
    const args = ['run', 'slower.yaml', '--against', 'near.yaml', '--out', out, '--json', ...QUICK];
    const run = startCli([...args, '--only', 'timing'], { cwd: folder });
    await heard(run, 'Measuring again');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    run.kill('SIGINT');
    const { exitCode, stdout } = await run;
    expect(exitCode).toBe(130);
    expect(resultsIn(`${out}/candidate`).complete).toBe(true);
    const { verdict, counts, notes } = comparisonSchema.parse(JSON.parse(stdout));
    expect({ verdict, regressed: counts.regressed }).toEqual({ verdict: 'inconclusive', regressed: 0 });
    expect(notes).toContainEqual(
      expect.stringMatching(/there is no second measurement: it was interrupted\.$/),
    );
  },
);
