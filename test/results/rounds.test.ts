import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Sample } from '../../src/measure/sample.ts';
import { readRounds, roundLines, roundsIn } from '../../src/results/rounds.ts';
import { sampleWith } from '../helpers/samples.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

function samples(): Sample[] {
  const one = (cell: string, round: number, connectReceived: number, changes: Partial<Sample> = {}): Sample =>
    sampleWith({
      cell,
      round,
      milestonesMs: { tcpConnected: 1, connectReceived, connackReceived: connectReceived + 0.5 },
      ...changes,
    });
  return [
    one('a', 0, 900, { warmup: true }),
    one('a', 2, 12.3456),
    one('b', 1, 20),
    one('a', 1, 10),
    one('a', 5, 11),
    one('a', 3, 800, { tainted: ['late-start'] }),
    one('b', 2, 700, { outcome: { status: 'failed', reason: 'timeout', detail: '' } }),
    one('c', 1, 700, { outcome: { status: 'failed', reason: 'timeout', detail: '' } }),
  ];
}

function fileWith(text: string): string {
  const file = join(temporaryFolder(), 'rounds.ndjson');
  writeFileSync(file, text);
  return file;
}

test('good samples are kept by cell in the order of their rounds, in whole microseconds', async () => {
  const lines = [...roundLines(samples())];
  expect(lines).toEqual([
    '{"cell":"a","milestone":"connectReceived","rounds":[[1,2],[5,5]],"timesUs":[10000,12346,11000]}\n',
    '{"cell":"a","milestone":"connackReceived","rounds":[[1,2],[5,5]],"timesUs":[10500,12846,11500]}\n',
    '{"cell":"b","milestone":"connectReceived","rounds":[[1,1]],"timesUs":[20000]}\n',
    '{"cell":"b","milestone":"connackReceived","rounds":[[1,1]],"timesUs":[20500]}\n',
  ]);
  const read = await readRounds(fileWith(lines.join('')));
  const cells = read?.rounds;
  expect(cells?.get('a')?.get('connackReceived')).toEqual({
    ranges: [
      [1, 2],
      [5, 5],
    ],
    timesUs: Int32Array.of(10_500, 12_846, 11_500),
  });
  expect(
    roundsIn([
      [1, 2],
      [5, 5],
    ]),
  ).toEqual([1, 2, 5]);
  expect([...(cells?.keys() ?? [])]).toEqual(['a', 'b']);
  // Whatever line ends a version control system gives them.
  expect(await readRounds(fileWith(lines.join('').replaceAll('\n', '\r\n')))).toEqual(read);
  const [other] = lines.map((line) => line.replace('12346', '12347'));
  expect((await readRounds(fileWith([other, ...lines.slice(1)].join(''))))?.sha256).not.toBe(read?.sha256);
});

test('times that are 0, long or spaced out are read like others', async () => {
  const line = GOOD.replace('[[1,2]]', '[[1,4]]').replace('[10000,12346]', '[0, 999999999,1000000000 ,-3]');
  const read = await readRounds(fileWith(line));
  expect(read?.rounds.get('a')?.get('connectReceived')?.timesUs).toEqual(
    Int32Array.of(0, 999_999_999, 1_000_000_000, -3),
  );
  const short = await readRounds(fileWith(GOOD.replace('10000,12346', '0,999999999')));
  expect(short?.rounds.get('a')?.get('connectReceived')?.timesUs).toEqual(Int32Array.of(0, 999_999_999));
});

test('a folder without the file has no rounds', async () => {
  expect(await readRounds(join(temporaryFolder(), 'rounds.ndjson'))).toBeUndefined();
});

test('a file that cannot be read is a usage error', async () => {
  const folder = temporaryFolder();
  await expect(readRounds(folder)).rejects.toMatchObject({
    name: 'BenchError',
    exitCode: 2,
    message: expect.stringMatching(/^Cannot read .*EISDIR/),
    mend: expect.stringContaining('take the file away'),
  });
  await expect(readRounds(folder)).rejects.toThrow(folder);
});

const GOOD = '{"cell":"a","milestone":"connectReceived","rounds":[[1,2]],"timesUs":[10000,12346]}\n';

test.each([
  ['truncated', GOOD + GOOD.slice(0, 40), 2, /not JSON \(truncated\?\)/],
  ['an empty line', `${GOOD}\n${GOOD}`, 2, /not JSON/],
  ['a time that is text', GOOD.replace('12346', '"12346"'), 1, /time 1 is "12346", expected whole/],
  ['a time with a fraction', GOOD.replace('12346', '12346.5'), 1, /time 1 is 12346.5, expected whole/],
  ['a time beyond all', GOOD.replace('12346', '5000000000'), 1, /time 1 is 5000000000, expected whole/],
  ['a time that is nothing', GOOD.replace('12346', 'null'), 1, /time 1 is null, expected whole/],
  ['a time with a zero before it', GOOD.replace('12346', '012346'), 1, /not JSON/],
  ['a time too many', GOOD.replace('12346', '12346,3'), 1, /there are 3 times of 2 rounds/],
  ['a time that is missing', GOOD.replace(',12346', ''), 1, /there are 1 times of 2 rounds/],
  ['rounds out of order', GOOD.replace('[[1,2]]', '[[2,2],[1,1]]'), 1, /rounds are not in order/],
  ['an unknown milestone', GOOD.replace('connectReceived', 'connectRecieved'), 1, /not the rounds of a cell/],
  ['no rounds', GOOD.replace('"rounds":[[1,2]],', ''), 1, /not the rounds of a cell/],
  ['a line twice', GOOD + GOOD, 2, /connectReceived of a stands here a second time/],
])('%s: a usage error that names file and line', async (_, text, line, message) => {
  const file = fileWith(text);
  await expect(readRounds(file)).rejects.toMatchObject({
    name: 'BenchError',
    exitCode: 2,
    message: expect.stringMatching(message),
  });
  await expect(readRounds(file)).rejects.toThrow(`${file}:${line}: `);
});
