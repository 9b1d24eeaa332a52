import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeRun } from '../../src/results/folder.ts';
import { readResults } from '../../src/results/read.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { fixture } from '../report/fixture.ts';

test('a figure that somebody changed is not taken for one that was measured; another order or layout is', async () => {
  const folder = temporaryFolder();
  // What a program said may be cut in the middle of a character.
  const warnings = ['said \ud83d'];
  const written = await writeRun(folder, {
    results: { ...fixture(), warnings },
    samples: [],
    scenarioYaml: '',
  });
  const file = join(folder, 'results.json');
  const keep = (results: object): void => writeFileSync(file, JSON.stringify(results));
  keep(Object.fromEntries(Object.entries(written).toReversed()));
  expect(await readResults(file)).toEqual(written);
  keep({ ...written, durationMs: written.durationMs + 1 });
  await expect(readResults(file)).rejects.toMatchObject({
    exitCode: 2,
    message: `${file} was changed after it was written: its \`sha256\` is not that of what is in it`,
  });
});
