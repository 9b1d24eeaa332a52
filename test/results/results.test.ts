import { writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeHistogram } from '../../src/measure/histogram.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { accountFor, milestoneDistributions, sortSamples } from '../../src/results/cell.ts';
import { distributionOf, distributionOfHdr } from '../../src/results/distribution.ts';
import { claimFolder, writeRun } from '../../src/results/folder.ts';
import { readResults } from '../../src/results/read.ts';
import type { CellResult, LinkResult } from '../../src/results/schema.ts';
import { wireOf } from '../../src/results/wire.ts';
import { slopesOf } from '../../src/results/trips.ts';
import { fixture, linkOf } from '../report/fixture.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

function sample(id: number, ms: number, changes: Partial<Sample> = {}): Sample {
  return {
    id,
    cell: 'c',
    round: id,
    warmup: false,
    intendedAtMs: id,
    startLateMs: 0.5,
    outcome: { status: 'ok' },
    tainted: [],
    milestonesMs: { connectReceived: ms },
    negotiated: {},
    flights: [],
    ...changes,
  };
}

test('a distribution says what its samples say, and its histogram holds them all', () => {
  const described = distributionOf([3, 1, 2, 5, 4], 'measured');
  expect(described).toMatchObject({ count: 5, minMs: 1, meanMs: 3, p50Ms: 3, maxMs: 5, source: 'measured' });
  expect(decodeHistogram(described?.hdr ?? '').totalCount).toBe(5);
  expect(distributionOfHdr(described?.hdr ?? '')).toMatchObject({ count: 5, maxMs: expect.closeTo(5, 1) });
  expect(distributionOf([], 'measured')).toBeUndefined();
});

test('failed, excluded, tainted and warm-up attempts are counted and in no figure', () => {
  const sorted = sortSamples([
    sample(0, 900, { warmup: true }),
    sample(1, 10),
    sample(2, 12),
    sample(3, 800, { tainted: ['stall:broker', 'late-start'] }),
    sample(4, 700, { outcome: { status: 'excluded', reason: 'mismatch:client.suite', detail: '' } }),
    sample(5, 600, { outcome: { status: 'failed', reason: 'timeout', detail: '' } }),
  ]);
  expect(accountFor(sorted)).toEqual({
    attempted: 5,
    ok: 3,
    failed: 1,
    excluded: 1,
    tainted: 1,
    warmup: 1,
    reasons: { 'stall:broker': 1, 'late-start': 1, 'mismatch:client.suite': 1, timeout: 1 },
  });
  const { milestones, service } = milestoneDistributions(sorted.good, new Set(['connectReceived']));
  expect(milestones.connectReceived).toMatchObject({ count: 2, minMs: 10, maxMs: 12, source: 'modelled' });
  expect(service.connectReceived).toMatchObject({ minMs: 9.5, maxMs: 11.5 });
});

test('a slope over exact medians is the trip count, its intercept the compute', () => {
  const base = fixture().cells[0];
  const distribution = base?.milestones.connectReceived;
  if (base === undefined || distribution === undefined) throw new Error('an empty fixture');
  const cell = (link: string, p50Ms: number): CellResult => ({
    ...base,
    link,
    milestones: { connectReceived: { ...distribution, p50Ms } },
    trips: { connectReceived: { predicted: 5, predictedMs: 0, residualMs: 0 } },
  });
  const link = (id: string, delayMs: number, changes: Partial<LinkResult['requested']> = {}): LinkResult => {
    const made = linkOf(id, delayMs);
    return {
      ...made,
      requested: { ...made.requested, ...changes },
      trip: { upMs: delayMs, downMs: delayMs, source: 'measured' },
    };
  };
  const links = [link('a', 0), link('b', 10), link('c', 34), link('slow', 100, { rateUpKbit: 62 })];
  const lines = slopesOf([cell('a', 2), cell('b', 52), cell('c', 172), cell('slow', 700)], links);
  expect(lines).toEqual([
    expect.objectContaining({ milestone: 'connectReceived', predicted: 5, delays: 3, r2: expect.closeTo(1) }),
  ]);
  expect(lines[0]?.trips).toBeCloseTo(5, 6);
  expect(lines[0]?.interceptMs).toBeCloseTo(2, 6);
});

test('a run folder is written whole and read back the same', async () => {
  const folder = temporaryFolder();
  const results = fixture();
  await claimFolder(folder);
  await writeRun(folder, { results, samples: [sample(1, 10)], scenarioYaml: 'name: x\n' });
  expect((await readdir(folder)).toSorted()).toEqual([
    'results.json',
    'rounds.ndjson',
    'samples.ndjson',
    'scenario.yaml',
  ]);
  expect(await readResults(folder)).toEqual(results);
  expect(await readResults(join(folder, 'results.json'))).toEqual(results);
  expect(JSON.parse(await readFile(join(folder, 'samples.ndjson'), 'utf8'))).toEqual(sample(1, 10));
});

test('results that break their own schema are not written', async () => {
  const folder = temporaryFolder();
  const results = { ...fixture(), seed: 1.5 };
  await expect(writeRun(folder, { results, samples: [], scenarioYaml: '' })).rejects.toThrow(/seed/);
  expect(await readdir(folder)).not.toContain('results.json');
});

test('a folder that holds something is not claimed', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'mine.txt'), '');
  await expect(claimFolder(folder)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('mine.txt'),
  });
});

test.each([
  ['truncated', (text: string) => text.slice(0, 500), /is not JSON \(truncated\?\)/],
  [
    'of a newer version',
    (text: string) => text.replace('"schemaVersion":1', '"schemaVersion":99'),
    /schemaVersion 99/,
  ],
  ['edited by hand', (text: string) => text.replace('"seed":', '"seed":"x","old":'), /seed/],
  ['of something else', () => '{"hello":1}', /has no schemaVersion/],
])('a results file that is %s: exit code 2, and the file is named', async (_, spoil, message) => {
  const file = join(temporaryFolder(), 'results.json');
  writeFileSync(file, spoil(JSON.stringify(fixture())));
  await expect(readResults(file)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(message),
  });
  await expect(readResults(file)).rejects.toThrow(file);
});

test('a results file that is not there: exit code 2', async () => {
  await expect(readResults('/nowhere/at/all')).rejects.toMatchObject({ exitCode: 2 });
});

test('the wire of a cell is the median of the handshakes that were seen whole, message by message', () => {
  const seen = (down: number, ...tickets: number[]): Partial<Sample> => ({
    tls: {
      handshakeUp: 300,
      handshakeDown: down,
      recordsUp: 3,
      recordsDown: 2 + tickets.length,
      messages: [
        { from: 'client', name: 'ClientHello', bytes: 240 },
        { from: 'broker', name: 'encrypted', bytes: down - 500 },
        ...tickets.map((bytes) => ({ from: 'broker' as const, name: 'encrypted', bytes })),
      ],
    },
  });
  const half: Partial<Sample> = { tls: { handshakeUp: 9, recordsUp: 1, messages: [] } };
  const good = [seen(1000, 266), seen(1002, 266), seen(1004)].map((tls, id) => sample(id, 1, tls));
  expect(wireOf([...good, sample(3, 1, half), sample(4, 1)])).toEqual({
    handshakeUp: 300,
    handshakeDown: 1002,
    recordsUp: 3,
    recordsDown: 3,
    messages: [
      { from: 'client', name: 'ClientHello', bytes: 240, count: 3 },
      { from: 'broker', name: 'encrypted', bytes: 502, count: 3 },
      { from: 'broker', name: 'encrypted', bytes: 266, count: 2 },
    ],
  });
  expect(wireOf([sample(0, 1), sample(1, 1, half)])).toBeUndefined();
});
