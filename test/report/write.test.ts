import { readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { writeReport } from '../../src/report/write.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { fixture } from './fixture.ts';
import { hostile } from './variants.ts';

const SOURCE = fileURLToPath(new URL('../../src/report/', import.meta.url));

test('writes the report, the summary and a picture of each chart, and names them', async () => {
  const folder = join(temporaryFolder(), 'run');
  const { files } = await writeReport(fixture({ modes: ['tls12', 'tls13'], load: ['tls13'] }), folder);
  expect(files).toEqual([
    'report.html',
    'summary.md',
    'charts/time-sequence-reference.svg',
    'charts/time-sequence-reference-tls12.svg',
    'charts/time-sequence-reference-tls13.svg',
    'charts/first-data-reference.svg',
    'charts/cost-parts-reference.svg',
    'charts/percentiles-reference.svg',
    'charts/ladder-reference-tls12.svg',
    'charts/ladder-reference-tls13.svg',
    'charts/bytes-reference.svg',
    'charts/throughput-reference-tls13.svg',
    'charts/slopes.svg',
  ]);
  const written = await readdir(folder, { recursive: true });
  expect(written.filter((name) => name.includes('.')).toSorted()).toEqual(files.toSorted());
});

test('standalone pictures are light, on white, and say what they show', async () => {
  const folder = temporaryFolder();
  await writeReport(fixture({ modes: ['tls12', 'tls13'] }), folder);
  const svg = readFileSync(join(folder, 'charts/first-data-reference.svg'), 'utf8');
  expect(svg).toMatch(/^<svg role="img" aria-label="First data by mode: tls12 [\d.]+ ms \(predicted 7 trips/);
  expect(svg).toContain('fill="#ffffff"');
  expect(svg).not.toContain('var(');
});

test('the same results make the same files, whatever was drawn before', async () => {
  const [one, other] = [temporaryFolder(), temporaryFolder()];
  const { files } = await writeReport(fixture(), one);
  await writeReport(hostile(), temporaryFolder());
  await writeReport(fixture(), other);
  for (const name of files)
    expect(readFileSync(join(other, name), 'utf8')).toBe(readFileSync(join(one, name), 'utf8'));
});

test('names from a file cannot lead a picture out of its folder', async () => {
  const folder = temporaryFolder();
  const { files } = await writeReport(hostile(), folder);
  expect(files.filter((name) => !/^(report\.html|summary\.md|charts\/[a-z0-9-]+\.svg)$/.test(name))).toEqual(
    [],
  );
});

test('a folder that cannot be written is a clear error', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  await expect(writeReport(fixture({ modes: ['tls13'] }), join(folder, 'file/run'))).rejects.toMatchObject({
    name: 'BenchError',
    exitCode: 5,
  });
});

test('nothing of Vega is loaded until something is drawn', async () => {
  const script = `
    await import(${JSON.stringify(join(SOURCE, 'write.ts'))});
    await import(${JSON.stringify(join(SOURCE, 'terminal.ts'))});
  `;
  const { stderr } = await execa(process.execPath, ['--input-type=module', '--eval', script], {
    env: { NODE_DEBUG: 'esm' },
  });
  expect(stderr).toContain('report/write.ts');
  expect(stderr).not.toContain('node_modules/vega');
});

test('the 14 cells of the reference case cost less than 4 s of CPU and 300 MB', async () => {
  const { stdout } = await execa(process.execPath, [fileURLToPath(new URL('cost.ts', import.meta.url))]);
  const cost = JSON.parse(stdout) as { cells: number; cpuMs: number; maxRssBytes: number; htmlBytes: number };
  expect(cost.cells).toBe(14);
  expect(cost.cpuMs).toBeLessThan(4000);
  expect(cost.maxRssBytes).toBeLessThan(300e6);
  expect(cost.htmlBytes).toBeLessThan(1e6);
});
