import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { resultsSchema, type Results } from '../../src/results/schema.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { cliIn, heard, startCli } from '../helpers/cli.ts';
import { alive, childrenOf } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const TINY = `name: tiny
question: Does it run?
modes: [plain, tls13]
links: [null]
workload: { kind: handshake, connectionsPerSecond: 50 }
rounds: 5
warmupRounds: 1
`;

// What is tested here does not depend on how quiet the machine is.
const RUN_INTO_OUT = ['run', 'tiny.yaml', '--out', 'out', '--allow-uncalibrated'];

function setting(...values: string[]): string[] {
  return values.flatMap((value) => ['--set', value]);
}

/** A folder with a scenario of a second's length in it. */
function workplace(text = TINY): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tiny.yaml'), text);
  return folder;
}

function resultsIn(folder: string): Results {
  return resultsSchema.parse(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')));
}

test('--json: results.json alone on stdout, and a whole run folder below results/runs', async () => {
  const folder = workplace();
  const { code, stdout, stderr } = await cliIn(
    folder,
    'run',
    'tiny.yaml',
    '--json',
    '--seed',
    '42',
    '--allow-uncalibrated',
  );
  expect(code).toBe(0);
  const runs = readdirSync(join(folder, 'results/runs'));
  expect(runs).toEqual([expect.stringMatching(/^tiny-\d{8}T\d{6}Z$/)]);
  const run = join(folder, 'results/runs', String(runs[0]));
  expect(resultsSchema.parse(JSON.parse(stdout))).toEqual(resultsIn(run));
  expect(resultsIn(run)).toMatchObject({
    complete: true,
    seed: 42,
    cells: [
      { id: 'plain/null/aedes/direct/handshake', samples: { attempted: 5, ok: 5, warmup: 1 } },
      { id: 'tls13/null/aedes/direct/handshake', samples: { attempted: 5, ok: 5, warmup: 1 } },
    ],
  });
  expect(readdirSync(run)).toEqual(
    expect.arrayContaining(['report.html', 'results.json', 'samples.ndjson', 'scenario.yaml', 'summary.md']),
  );
  expect(await loadScenario(join(run, 'scenario.yaml'))).toEqual(
    await loadScenario(join(folder, 'tiny.yaml'), { set: ['seed=42'] }),
  );
  // Progress goes to stderr, in plain lines where there is no terminal.
  expect(stderr).toContain('measuring 12 connections\n');
  expect(stderr).not.toContain('\u001B');
});

test('for people: a summary and the report on stdout; of several scenarios each has a subfolder', async () => {
  const folder = workplace();
  writeFileSync(join(folder, 'other.yaml'), TINY.replace('name: tiny', 'name: other'));
  const { code, stdout } = await cliIn(
    folder,
    ...RUN_INTO_OUT,
    'other.yaml',
    '--backend',
    'none',
    ...setting('modes=[plain]'),
  );
  expect(code).toBe(0);
  expect(readdirSync(join(folder, 'out'))).toEqual(['other', 'tiny']);
  expect(stdout).toContain('plain');
  expect(stdout).toMatch(/^out\/tiny\/report\.html$/m);
  expect(stdout).toMatch(/^out\/other\/report\.html$/m);
  expect(stdout).not.toContain('\u001B');
  expect(resultsIn(join(folder, 'out/tiny')).links).toMatchObject([{ id: 'null', backend: 'none' }]);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle: exit code 130, partial results saved and marked, no process left',
  async (signal) => {
    const folder = workplace();
    const TMPDIR = temporaryFolder();
    const args = [...RUN_INTO_OUT, '--json', ...setting('rounds=5000')];
    const run = startCli(args, { cwd: folder, env: { TMPDIR } });
    await heard(run, 'measuring');
    const children = await childrenOf(run.pid ?? 0);
    expect(children.length).toBeGreaterThanOrEqual(3);
    await setTimeout(1500);
    run.kill(signal);
    const { exitCode, stdout, stderr } = await run;
    expect(exitCode).toBe(130);
    const results = resultsIn(join(folder, 'out'));
    expect(resultsSchema.parse(JSON.parse(stdout))).toEqual(results);
    expect(results).toMatchObject({
      complete: false,
      incompleteBecause: expect.stringMatching(/interrupted/),
    });
    const attempted = results.cells.map(({ samples }) => samples.attempted);
    expect(Math.min(...attempted)).toBeGreaterThan(5);
    expect(Math.max(...attempted)).toBeLessThan(5000);
    expect(stderr).toContain('What was measured until then is in out, marked as incomplete.');
    expect(existsSync(join(folder, 'out/report.html'))).toBe(true);
    expect(alive(children.map(({ pid }) => pid))).toEqual([]);
    expect(readdirSync(TMPDIR)).toEqual([]);
  },
);

test('Ctrl-C before anything was measured: exit code 130 without the rest of the preparations, and nothing left', async () => {
  const folder = workplace(TINY.replace('[null]', '[{ name: far, oneWayMs: 400 }]'));
  const TMPDIR = temporaryFolder();
  const run = startCli(RUN_INTO_OUT, { cwd: folder, env: { TMPDIR } });
  await heard(run, 'calibrating the link');
  const children = await childrenOf(run.pid ?? 0);
  run.kill('SIGINT');
  const { exitCode, stdout, stderr } = await run;
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(stderr).toContain('Interrupted before anything was measured');
  expect(stderr).not.toContain('starting brokers');
  expect(existsSync(join(folder, 'out'))).toBe(false);
  expect(alive(children.map(({ pid }) => pid))).toEqual([]);
  expect(readdirSync(TMPDIR)).toEqual([]);
});

test('a second Ctrl-C ends the run at once', async () => {
  const folder = workplace();
  const TMPDIR = temporaryFolder();
  const run = startCli([...RUN_INTO_OUT, ...setting('rounds=5000')], { cwd: folder, env: { TMPDIR } });
  await heard(run, 'measuring');
  const children = await childrenOf(run.pid ?? 0);
  run.kill('SIGINT');
  await heard(run, 'once more ends at once');
  run.kill('SIGINT');
  const { exitCode, stdout } = await run;
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(existsSync(join(folder, 'out/results.json'))).toBe(false);
  await expect.poll(() => alive(children.map(({ pid }) => pid)), { timeout: 5000 }).toEqual([]);
  await expect.poll(() => readdirSync(TMPDIR), { timeout: 5000 }).toEqual([]);
});

test('a broker that dies in the middle: exit code 1, the reason, and what was measured until then', async () => {
  const folder = workplace();
  const run = startCli([...RUN_INTO_OUT, ...setting('rounds=5000')], { cwd: folder });
  await heard(run, 'measuring');
  await setTimeout(1500);
  const broker = (await childrenOf(run.pid ?? 0)).find(({ command }) => command.includes('aedes.child'));
  process.kill(broker?.pid ?? Number.NaN, 'SIGKILL');
  const { exitCode, stderr } = await run;
  expect(exitCode).toBe(1);
  expect(stderr).toContain('The run did not finish: The broker process ended (SIGKILL)');
  expect(resultsIn(join(folder, 'out')).complete).toBe(false);
});

test('more lost than the budget allows: exit code 6, cell by cell', async () => {
  const folder = workplace();
  const { code, stderr } = await cliIn(
    folder,
    ...RUN_INTO_OUT,
    // Plain TCP holds SUBACK after 6 trips (360 ms), TLS 1.3 after 8 (480 ms).
    ...setting('links=[{ oneWayMs: 60 }]', 'workload.action=subscribe', 'workload.timeoutMs=420'),
  );
  expect(code).toBe(6);
  expect(stderr).toContain(
    'Too many attempts were lost:\ntls13/60ms/aedes/direct/handshake: 5 failed and 0 excluded of 5: 100 %, expect.failureBudget allows at most 1 %',
  );
  expect(stderr).not.toContain('plain/60ms/aedes/direct/handshake:');
  expect(resultsIn(join(folder, 'out')).complete).toBe(true);
});

test('an output folder that holds something: exit code 2, and it is left alone', async () => {
  const folder = workplace();
  mkdirSync(join(folder, 'out'));
  writeFileSync(join(folder, 'out/results.json'), 'precious');
  const { code, stdout, stderr } = await cliIn(folder, ...RUN_INTO_OUT);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatchInlineSnapshot(`
    "error: The run folder out exists and is not empty (it holds results.json)
    Name another with --out, or remove it: a run never overwrites another."
  `);
  expect(readdirSync(join(folder, 'out'))).toEqual(['results.json']);
  expect(readFileSync(join(folder, 'out/results.json'), 'utf8')).toBe('precious');
});

test('an output folder that is a file: exit code 2', async () => {
  const folder = workplace();
  writeFileSync(join(folder, 'out'), '');
  const { code, stderr } = await cliIn(folder, ...RUN_INTO_OUT);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: Cannot make the run folder out: EEXIST/);
});

test('two scenarios of one name: exit code 2 before anything runs', async () => {
  const folder = workplace();
  const { code, stderr } = await cliIn(folder, 'run', 'tiny.yaml', 'tiny.yaml');
  expect(code).toBe(2);
  expect(stderr).toMatchInlineSnapshot(`
    "error: Two of the scenarios are called tiny, so their run folders would be one
    Give them different names, or run one after the other."
  `);
  expect(readdirSync(folder)).toEqual(['tiny.yaml']);
});

test('a faulty scenario among several: exit code 2 before anything runs', async () => {
  const folder = workplace();
  writeFileSync(join(folder, 'bad.yaml'), TINY.replace('tls13', 'tsl13'));
  const { code, stdout, stderr } = await cliIn(folder, 'run', 'tiny.yaml', 'bad.yaml');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatchInlineSnapshot(
    `"error: bad.yaml:3:16: modes.1: expected plain, tls12, tls13, tls12-psk, tls12-psk-ccm8, tls12-ecdhe-psk, tls12-dhe-psk, tls13-psk, mtls12, mtls13, tls12-resumed-id, tls12-resumed-ticket, mtls12-resumed-ticket, tls13-resumed, mtls13-resumed, tls13-hrr, tls13-x25519, tls13-p256, tls13-mlkem or a mapping with mode, got "tsl13"; did you mean "tls13"?"`,
  );
  expect(readdirSync(folder).toSorted()).toEqual(['bad.yaml', 'tiny.yaml']);
});

test.each([
  ['rounds=abc', 'error: tiny.yaml: --set rounds=abc: rounds: expected a number, got "abc"'],
  [
    'nosuch=1',
    'error: tiny.yaml: --set nosuch=1: nosuch: unknown key, expected name, question, modes, linkProfiles, links, broker, topology, workload, rounds, warmupRounds, seed or expect',
  ],
])('--set %s: exit code 2', async (option, message) => {
  expect(await cliIn(workplace(), 'run', 'tiny.yaml', '--set', option)).toEqual({
    code: 2,
    stdout: '',
    stderr: message,
  });
});

test('a backend that cannot make the link: exit code 5, and no run folder is left', async () => {
  const folder = workplace();
  const { code, stderr } = await cliIn(
    folder,
    ...RUN_INTO_OUT,
    '--backend',
    'none',
    ...setting('links=[reference]'),
  );
  expect(code).toBe(5);
  expect(stderr).toContain("error: The 'none' backend cannot reproduce the link 'reference'");
  expect(stderr).toContain('--backend proxy');
  expect(readdirSync(folder)).toEqual(['tiny.yaml']);
});

test('a port in use: exit code 5, and no run folder is left', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  const folder = workplace();
  const { code, stderr } = await cliIn(
    folder,
    ...RUN_INTO_OUT,
    ...setting(`broker={ name: aedes, port: ${port} }`),
    // In a namespace of its own a broker finds every port free.
    '--backend',
    'proxy',
  );
  server.close();
  expect(code).toBe(5);
  expect(stderr).toMatch(new RegExp(`^error: .*\\b${port}\\b`, 'm'));
  expect(readdirSync(folder)).toEqual(['tiny.yaml']);
});
