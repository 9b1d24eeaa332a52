import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultsSchema } from '../../src/results/schema.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { cliIn } from '../helpers/cli.ts';
import { resultsIn, RUN_INTO_OUT, setting, TINY, workplace } from './tiny-run.ts';

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

test('more lost than the budget allows: exit code 6, cell by cell', async () => {
  const folder = workplace();
  const { code, stdout, stderr } = await cliIn(
    folder,
    ...RUN_INTO_OUT,
    ...setting(
      'modes=[tls13]',
      // The hop finds another name in the broker's certificate than it should, and passes nothing on.
      'topology=[direct, { name: tls-reencrypted, innerCertificate: wrong-name, innerLink: null }]',
      'workload.action=subscribe',
    ),
  );
  expect(code).toBe(6);
  expect(stderr).toContain(
    'Too many attempts were lost:\ntls13/null/aedes/tls-reencrypted/handshake: 5 failed and 0 excluded of 5: 100 %, expect.failureBudget allows at most 1 %',
  );
  expect(stderr).not.toContain('tls13/null/aedes/direct/handshake:');
  expect(stdout).toContain('hop:ERR_TLS_CERT_ALTNAME_INVALID');
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
