import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../src/history/entry.ts';
import { callIn } from '../helpers/cli.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { fixture } from '../report/fixture.ts';

const folderOf = sharedFolders();

/** A folder with runs `one`, `two` and so on, each of a day of its own. */
function folderWith(...names: string[]): string {
  const folder = folderOf();
  for (const [day, name] of names.entries()) {
    mkdirSync(join(folder, name));
    const results = fixture({ modes: ['plain', 'tls13'], samples: 20, seed: day + 1 });
    const startedAt = `2026-03-0${day + 1}T08:00:00.000Z`;
    writeFileSync(join(folder, name, 'results.json'), JSON.stringify({ ...results, startedAt }));
  }
  return folder;
}

test('runs are added once, shown, and drawn', async () => {
  const folder = folderWith('one', 'two');
  const history = (...args: string[]) => callIn(folder, 'history', ...args, '--file', 'h.ndjson');
  expect(await history('add', 'two', '--label', 'abc123')).toEqual({
    code: 0,
    stdout: 'h.ndjson: 1 added, 1 in all.',
    stderr: '',
  });
  expect((await history('add', 'one', 'two/results.json')).stdout).toBe(
    '2026-03-02 08:00 was in h.ndjson already, and was not added again.\nh.ndjson: 1 added, 2 in all.',
  );
  expect(readFileSync(join(folder, 'h.ndjson'), 'utf8').split('\n')).toHaveLength(3);

  const shown = await history('show', '--cell', 'tls13/reference');
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^2026-03-01 08:00 +2026-03-01T08:00:00\.000Z +reference +1 /m);
  expect(shown.stdout).toMatch(/^tls13\/reference\/aedes\/direct\/handshake$/m);
  expect(shown.stdout).toMatch(/^abc123 +17\d\.\d\d .* 5\.0\d  312 \/ 814 +0 % +0 %$/m);
  expect(shown.stdout).not.toContain('plain/reference/aedes');
  expect(JSON.parse((await history('show', '--json')).stdout)).toHaveLength(2);
  const some = await history('show', '--json', '--cell', 'tls13/reference');
  const cells = (JSON.parse(some.stdout) as HistoryEntry[]).flatMap((entry) =>
    entry.cells.map(({ id }) => id),
  );
  expect(new Set(cells)).toEqual(new Set(['tls13/reference/aedes/direct/handshake']));

  for (const [out, start] of [
    ['h.svg', /^<svg role="img" aria-label="First data over 2 runs: .*plain · null/],
    ['h.html', /^<!doctype html>/],
  ] as const) {
    expect(await history('chart', '--out', out)).toEqual({ code: 0, stdout: out, stderr: '' });
    expect(readFileSync(join(folder, out), 'utf8')).toMatch(start);
  }
});

test('what cannot be kept, shown or drawn: exit code 2, and what to do', async () => {
  const folder = folderWith('one');
  const cut = fixture({ modes: ['plain'], samples: 20 });
  mkdirSync(join(folder, 'cut'));
  writeFileSync(join(folder, 'cut/results.json'), JSON.stringify({ ...cut, complete: false }));
  const failing = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await callIn(folder, 'history', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  };
  expect(await failing('add', 'one', 'cut', '--file', 'h.ndjson')).toMatch(/cut did not finish/);
  // Nothing was added of the runs before it, either.
  expect(await failing('show', '--file', 'h.ndjson')).toMatch(/there is no such history/);
  expect(await failing('add', 'one')).toMatch(/required option '--file <file>' not specified/);
  await callIn(folder, 'history', 'add', 'one', '--file', 'h.ndjson');
  expect(await failing('chart', '--file', 'h.ndjson', '--out', 'h.png')).toMatch(/ends in \.svg or \.html/);
  expect(await failing('show', '--file', 'h.ndjson', '--cell', 'tls14')).toMatch(
    /No cell of h\.ndjson has tls14 in its name\nIt has plain\/reference/,
  );
});
