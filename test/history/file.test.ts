import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { historyEntrySchema } from '../../src/history/entry.ts';
import { addToHistory, readHistory } from '../../src/history/file.ts';
import { entryOf } from '../../src/history/from-run.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { fixture } from '../report/fixture.ts';
import { historyOf } from './runs.ts';

const RESULTS = fixture({ modes: ['plain', 'tls13'], samples: 20, load: ['plain'] });

test('keeps of each run what trends are made of', () => {
  const entry = entryOf(RESULTS, 'abc123');
  expect(entry).toMatchObject({ historyVersion: 1, label: 'abc123', scenario: 'reference' });
  expect(entry.cells.map(({ id }) => id)).toEqual(RESULTS.cells.map(({ id }) => id));
  const [, tls13] = entry.cells;
  const source = RESULTS.cells[1];
  expect(tls13?.timings.connectReceived?.p50Ms).toBeCloseTo(
    source?.milestones.connectReceived?.p50Ms ?? Number.NaN,
    3,
  );
  expect(tls13?.timings.connackReceived?.count).toBe(20);
  expect(Math.round(tls13?.trips.connectReceived ?? 0)).toBe(5);
  expect(tls13?.bytes).toEqual({ handshakeUp: 312, handshakeDown: 814 });
  expect(tls13?.samples).toMatchObject({ attempted: 20, failed: 0, excluded: 0 });
  expect(entry.cells.at(-1)?.timings.endToEnd?.p50Ms).toBeGreaterThan(0);
});

test('keeps of a fleet the times of its one event', () => {
  const connecting = RESULTS.cells[0]?.milestones.connectReceived;
  const [cell, ...cells] = RESULTS.cells;
  if (cell === undefined || connecting === undefined) throw new Error('an empty fixture');
  const storm = {
    arrivals: 'at-once',
    after: 'nothing',
    clients: 20,
    connected: 20,
    resumed: 0,
    attempts: 20,
    reasons: {},
    lateStarts: 0,
    generator: { cpuShare: 0.5 },
    connecting,
  } as const;
  const entry = historyEntrySchema.parse(entryOf({ ...RESULTS, cells: [{ ...cell, storm }, ...cells] }));
  expect(Object.keys(entry.cells[0]?.events ?? {})).toEqual(['connecting']);
  expect(entry.cells[0]?.events?.connecting?.p50Ms).toBeCloseTo(connecting.p50Ms, 3);
  expect(entry.cells[1]).not.toHaveProperty('events');
});

test('a run is the same wherever it lies, and another when it was measured again', () => {
  const again = { ...RESULTS, startedAt: '2026-01-01T00:00:00.000Z' };
  expect(entryOf(structuredClone(RESULTS), 'x').run).toBe(entryOf(RESULTS).run);
  expect(entryOf(again).run).not.toBe(entryOf(RESULTS).run);
});

test('runs come back in the order in which they were measured; one that is known is not added', async () => {
  const file = join(temporaryFolder(), 'new/history.ndjson');
  const [first, second, third] = historyOf(RESULTS, [0, 1, 2]);
  if (first === undefined || second === undefined || third === undefined) throw new Error('too few');
  expect(await addToHistory(file, [third, first])).toMatchObject({ known: [], total: 2 });
  const again = await addToHistory(file, [first, second, second]);
  expect(again).toEqual({ added: [second], known: [first, second], total: 3 });
  expect(await readHistory(file)).toEqual([first, second, third]);
});

const line = (change: object = {}): string => JSON.stringify({ ...entryOf(RESULTS), ...change });

test.each([
  ['a line that was cut', line().slice(0, -40), /history\.ndjson:2: it ends in the middle of a line/],
  // The next run would stand on the same line.
  ['a line without its end', line({ run: 'x' }), /history\.ndjson:2: it ends in the middle of a line/],
  ['no JSON', `${line().slice(0, -40)}\n`, /history\.ndjson:2: not JSON \(truncated\?\)/],
  ['a newer version', `${line({ historyVersion: 9 })}\n`, /history\.ndjson:2: historyVersion 9; .* reads 1/],
  ['something else', '{"cell":1}\n', /history\.ndjson:2: no run of a history/],
  [
    'a figure that is none',
    `${line({ startedAt: 'Monday' })}\n`,
    /history\.ndjson:2: not a run .*\n.*\n.*startedAt/s,
  ],
  ['a run that stands there twice', `${line()}\n`, /history\.ndjson:2: the same run as in line 1/],
])('%s: exit code 2, file and line, and nothing is added', async (_, text, message) => {
  const file = join(temporaryFolder(), 'history.ndjson');
  writeFileSync(file, `${line()}\n`);
  appendFileSync(file, text);
  const before = readFileSync(file, 'utf8');
  const fault = expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) as string });
  await expect(readHistory(file)).rejects.toEqual(fault);
  await expect(addToHistory(file, historyOf(RESULTS, [5]))).rejects.toEqual(fault);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('a history that is not there is an error to read', async () => {
  await expect(readHistory('nowhere.ndjson')).rejects.toThrow(/there is no such history/);
});
