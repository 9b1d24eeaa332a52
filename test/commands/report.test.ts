import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callIn, cliIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const SCENARIO = `name: tiny
question: Does it draw?
modes: [plain]
links: [null]
workload: { kind: handshake, connectionsPerSecond: 50 }
rounds: 5
`;

let original: string;

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), 'bench-test-'));
  writeFileSync(join(original, 'tiny.yaml'), SCENARIO);
  const run = ['run', 'tiny.yaml', '--out', 'run', '--backend', 'none', '--allow-uncalibrated'];
  const { code, stderr } = await cliIn(original, ...run);
  if (code !== 0) throw new Error(`There is no run to draw: ${stderr}`);
});
afterAll(() => rm(original, { recursive: true, force: true }));

/** A folder with a copy of the run in it. */
function copyOfRun(): string {
  const folder = temporaryFolder();
  cpSync(join(original, 'run'), join(folder, 'run'), { recursive: true });
  return folder;
}

test('draws an old run again, from its results.json alone', async () => {
  const folder = copyOfRun();
  const report = join(folder, 'run/report.html');
  const first = readFileSync(report, 'utf8');
  for (const name of ['report.html', 'summary.md', 'charts', 'samples.ndjson', 'scenario.yaml']) {
    rmSync(join(folder, 'run', name), { recursive: true });
  }
  const { code, stdout, stderr } = await callIn(folder, 'report', 'run');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Does it draw?');
  expect(stdout.endsWith('\nrun/report.html')).toBe(true);
  expect(readFileSync(report, 'utf8')).toBe(first);
  expect(existsSync(join(folder, 'run/summary.md'))).toBe(true);
});

test('takes the results.json itself, too', async () => {
  const folder = copyOfRun();
  rmSync(join(folder, 'run/report.html'));
  expect((await callIn(folder, 'report', 'run/results.json')).code).toBe(0);
  expect(existsSync(join(folder, 'run/report.html'))).toBe(true);
});

test.each([
  ['results of a newer version', { schemaVersion: 99 }],
  ['results without a version', { schemaVersion: undefined }],
  ['results that lack their cells', { cells: undefined }],
])('%s: exit code 2, and nothing is drawn', async (_, change) => {
  const folder = copyOfRun();
  const file = join(folder, 'run/results.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }));
  rmSync(join(folder, 'run/report.html'));
  const { code, stdout, stderr } = await callIn(folder, 'report', 'run');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatchSnapshot();
  expect(existsSync(join(folder, 'run/report.html'))).toBe(false);
});

test('truncated results: exit code 2', async () => {
  const folder = copyOfRun();
  const file = join(folder, 'run/results.json');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 500));
  const { code, stderr } = await callIn(folder, 'report', 'run');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: run\/results\.json is not JSON \(truncated\?\): /);
});

test('no run folder, or an empty one: exit code 2', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'empty'));
  for (const path of ['nowhere', 'empty']) {
    const { code, stderr } = await callIn(folder, 'report', path);
    expect(code).toBe(2);
    expect(stderr).toContain('Name a run folder or its results.json; `run` makes one.');
  }
});
