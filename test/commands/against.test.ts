import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cliIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const REFERENCE = fileURLToPath(new URL('../../scenarios/reference.yaml', import.meta.url));
const NULL = '/dev/null';

test.each([
  [
    'two candidates',
    ['run', REFERENCE, REFERENCE, '--against', REFERENCE],
    /--against is for one scenario, got 2/,
  ],
  ['lists that do not fit', ['run', REFERENCE, '--against-set', 'modes=[plain]'], /1 modes, the candidate 7/],
  ['a baseline that is not there', ['run', REFERENCE, '--against', 'x.yaml'], /x\.yaml/],
  [
    'a baseline of another seed',
    ['gate', REFERENCE, '--against-set', 'seed=9'],
    /seed: 9, the candidate 1.*\nGive it to both: --set seed=1/,
  ],
  [
    'options that judge, without a baseline',
    ['run', REFERENCE, '--min-effect-ms', '3'],
    /--min-effect-ms is for a run/,
  ],
  ['kinds to judge, without a baseline', ['run', REFERENCE, '--only', 'trips'], /--only is for a run/],
  ['a history, without a baseline', ['run', REFERENCE, '--history', NULL], /--history is for a run/],
  ['floors of a gate, without a baseline', ['gate', REFERENCE, '--aa', NULL], /--aa is about a comparison/],
  ['an aa.json that is none', ['compare', 'a', 'b', '--aa', NULL], /Cannot read \/dev\/null/],
  ['an effect of nothing', ['calibrate', '--aa', '--effect-ms', '0'], /--effect-ms 0/],
])('%s: exit code 2, and nothing is made', async (_, args, message) => {
  const folder = temporaryFolder();
  const { code, stdout, stderr } = await cliIn(folder, ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(existsSync(join(folder, 'results'))).toBe(false);
});

test('--dry-run names the cells of both', async () => {
  const { code, stdout } = await cliIn(
    temporaryFolder(),
    'run',
    REFERENCE,
    '--against-set',
    'broker.name=aedes',
    '--dry-run',
    '--set',
    'broker={ name: aedes }',
  );
  expect(code).toBe(0);
  expect(stdout).toContain('  baseline:tls13/reference/aedes/direct/handshake');
  expect(stdout).toContain('  candidate:tls13/null/aedes/direct/handshake');
});
