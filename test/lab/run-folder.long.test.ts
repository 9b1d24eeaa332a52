import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/lab/run.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { freshOptions, once, privateFolders, scenarioWith } from '../helpers/runs.ts';

test('no key and no pre-shared key in any file of the run folder', async () => {
  const secrets: string[] = [];
  const given = freshOptions({
    observer: once(() => {
      const folder = join(tmpdir(), privateFolders()[0] ?? '');
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      for (const file of files.filter((file) => /\.key$|psk\.txt$/.test(file))) {
        const text = readFileSync(join(folder, file), 'utf8');
        if (file.endsWith('.key')) secrets.push(...text.split('\n').slice(1, -2));
        else secrets.push(text.trim().split(':')[1] ?? '');
      }
    }),
  });
  await run(makePlan(scenarioWith({ modes: ['tls13-psk', 'mtls13'] })), given);
  expect(secrets.length).toBeGreaterThan(4);
  for (const file of await readdir(given.folder)) {
    const text = readFileSync(join(given.folder, file), 'utf8');
    for (const secret of secrets) expect(text.includes(secret), `${file} holds a secret`).toBe(false);
  }
});

test('a folder that a dead run left behind is swept', async () => {
  // Process numbers end below this one.
  const stale = join(tmpdir(), 'mqtt-tls-bench-99999999-abc');
  await mkdir(stale);
  await run(makePlan(scenarioWith({ modes: ['plain'], rounds: 1 })), freshOptions());
  expect(await readdir(tmpdir())).not.toContain('mqtt-tls-bench-99999999-abc');
});
