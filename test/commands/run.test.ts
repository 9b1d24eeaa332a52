import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callIn, cliIn } from '../helpers/cli.ts';
import { resultsIn, RUN_INTO_OUT, setting, TINY, workplace } from './tiny-run.ts';

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

test('an output folder that holds something: exit code 2, and it is left alone', async () => {
  const folder = workplace();
  mkdirSync(join(folder, 'out'));
  writeFileSync(join(folder, 'out/results.json'), 'precious');
  const { code, stdout, stderr } = await callIn(folder, ...RUN_INTO_OUT);
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
  const { code, stderr } = await callIn(folder, ...RUN_INTO_OUT);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: Cannot make the run folder out: EEXIST/);
});

test('two scenarios of one name: exit code 2 before anything runs', async () => {
  const folder = workplace();
  const { code, stderr } = await callIn(folder, 'run', 'tiny.yaml', 'tiny.yaml');
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
  const { code, stdout, stderr } = await callIn(folder, 'run', 'tiny.yaml', 'bad.yaml');
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
  expect(await callIn(workplace(), 'run', 'tiny.yaml', '--set', option)).toEqual({
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
