import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { gateSchema } from '../../src/gate/gate.ts';
import { resultsSchema } from '../../src/results/schema.ts';
import { seal } from '../../src/results/seal.ts';
import { callIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const BASELINE = fileURLToPath(new URL('../../results/baseline', import.meta.url));

/** A run whose link over which times count was not what was asked for. */
function uncalibrated(): string {
  const run = join(temporaryFolder(), 'run');
  cpSync(BASELINE, run, { recursive: true });
  const file = join(run, 'results.json');
  const results = resultsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const links = results.links.map((link) => ({ ...link, calibrated: link.id !== 'reference' }));
  writeFileSync(file, JSON.stringify(seal({ ...results, links })));
  return run;
}

const NOTE = 'The link reference was not what was asked for: times and trips over it tell little.';

test('a gate of a run whose link was not what was asked for says so', async () => {
  const run = uncalibrated();
  const { code, stdout } = await callIn('.', 'gate', run);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^The gate holds: all of \d+ expectations\.\n\n! The link reference was not/);
  const { notes } = gateSchema.parse(JSON.parse((await callIn('.', 'gate', run, '--json')).stdout));
  expect(notes).toEqual([NOTE]);
  const good = await callIn('.', 'gate', BASELINE);
  expect(good.stdout).toMatch(/^The gate holds: all of \d+ expectations\.$/);
});

test('a file that cannot be written after all costs no verdict, nor the other files', async () => {
  const other = join(temporaryFolder(), 'junit.xml');
  // Can be opened, and is full.
  const { code, stdout, stderr } = await callIn(
    '.',
    'gate',
    BASELINE,
    '--write',
    'markdown=/dev/full',
    '--write',
    `junit=${other}`,
  );
  expect(code).toBe(2);
  expect(stdout).toMatch(/^The gate holds/);
  expect(stderr).toMatch(/^error: Cannot write \/dev\/full: ENOSPC/);
  expect(existsSync(other)).toBe(true);
});
