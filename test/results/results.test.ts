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
import { slopesOf } from '../../src/results/slopes.ts';
import { fixture, linkOf } from '../report/fixture.ts';
import { seededRandom } from '../../src/scenario/random.ts';
import { RoundBootstrap } from '../../src/stats/bootstrap.ts';
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
  // Links of the same delay are one delay to a line.
  const twins = [...links, link('b2', 10.4)];
  expect(slopesOf([cell('a', 2), cell('b', 52), cell('b2', 54)], twins)[0]?.delays).toBe(2);
  // Another workload is another line.
  const other = (link: string, p50Ms: number): CellResult => ({
    ...cell(link, p50Ms),
    workload: 'handshake-2',
  });
  const two = slopesOf([cell('a', 2), cell('c', 172), other('a', 3), other('c', 105)], links);
  expect(two.map(({ workload, trips }) => [workload, Math.round(trips)])).toEqual([
    ['handshake', 5],
    ['handshake-2', 3],
  ]);
});

test('over uneven directions a slope is still the trip count: a milestone at the broker is a trip up more than down', () => {
  const base = fixture().cells[0];
  const distribution = base?.milestones.connectReceived;
  if (base === undefined || distribution === undefined) throw new Error('an empty fixture');
  const links = [linkOf('null', 0), linkOf('uneven', 34)].map((link, index) => ({
    ...link,
    trip: { upMs: 60 * index, downMs: 10 * index, source: 'measured' as const },
  }));
  const cells = links.map(({ id, trip }) => ({
    ...base,
    link: id,
    milestones: {
      connectReceived: { ...distribution, p50Ms: 3 * trip.upMs + 2 * trip.downMs + 2 },
      connackReceived: { ...distribution, p50Ms: 3 * trip.upMs + 3 * trip.downMs + 2 },
    },
    trips: {
      connectReceived: { predicted: 5, predictedMs: 0, residualMs: 0 },
      connackReceived: { predicted: 6, predictedMs: 0, residualMs: 0 },
    },
  }));
  const found = slopesOf(cells, links).map(({ trips, interceptMs }) => [trips, interceptMs]);
  expect(found).toEqual([
    [expect.closeTo(5, 6), expect.closeTo(2, 6)],
    [expect.closeTo(6, 6), expect.closeTo(2, 6)],
  ]);
});

test('behind a hop a slope is that of the trips over the outer link, whatever is waited for over a short one', () => {
  const base = fixture().cells[0];
  const distribution = base?.milestones.connectReceived;
  if (base === undefined || distribution === undefined) throw new Error('an empty fixture');
  const links = [linkOf('null', 0), linkOf('far', 34), linkOf('zone', 5)].map((link) => ({
    ...link,
    trip: { upMs: link.requested.upMs, downMs: link.requested.downMs, source: 'measured' as const },
  }));
  // TLS 1.2 in front of a hop that dials without TLS: 5 + 3 trips without delay, 7 + 1 with one.
  const cell = (link: string, p50Ms: number, predicted: number, inner: number): CellResult => ({
    ...base,
    link,
    path: { kind: 'split', innerLink: 'zone' },
    milestones: { connectReceived: { ...distribution, p50Ms } },
    trips: {
      connectReceived: { predicted, predictedMs: 0, residualMs: 0, inner: { predicted: inner } },
    },
  });
  const line = slopesOf([cell('null', 3 * 5 + 2, 5, 3), cell('far', 7 * 34 + 5 + 2, 7, 1)], links);
  expect(line).toEqual([
    expect.objectContaining({ predicted: 7, trips: expect.closeTo(7, 6), interceptMs: expect.closeTo(2, 6) }),
  ]);
});

test('the interval of a slope comes from the rounds: none of fewer than six, narrow where rounds are alike', () => {
  const links = [linkOf('null', 0), linkOf('far', 34)];
  const base = fixture().cells[0];
  if (base === undefined) throw new Error('an empty fixture');
  const line = (rounds: number, spreadMs: number): ReturnType<typeof slopesOf> => {
    const random = seededRandom(3);
    const samples = new Map(
      links.map(({ id, trip }) => [
        id,
        Array.from({ length: rounds }, (_, round) =>
          sample(round, 5 * trip.upMs + 2 + spreadMs * random.next()),
        ),
      ]),
    );
    const cells = links.map(({ id }) => ({
      ...base,
      link: id,
      milestones: milestoneDistributions(samples.get(id) ?? [], new Set()).milestones,
      trips: { connectReceived: { predicted: 5, predictedMs: 0, residualMs: 0 } },
    }));
    const bootstrap = new RoundBootstrap(Array(rounds).keys(), 1);
    return slopesOf(cells, links, { goodOf: ({ link }) => samples.get(link) ?? [], bootstrap });
  };
  const [few] = line(5, 1);
  expect(few).not.toHaveProperty('tripsLow');
  const width = ([slope]: ReturnType<typeof slopesOf>): number =>
    (slope?.tripsHigh ?? Number.NaN) - (slope?.tripsLow ?? Number.NaN);
  const [many] = line(100, 10);
  expect(many?.tripsLow).toBeLessThan(many?.trips ?? Number.NaN);
  expect(many?.tripsHigh).toBeGreaterThan(many?.trips ?? Number.NaN);
  expect(many?.interceptLowMs).toBeLessThan(many?.interceptMs ?? Number.NaN);
  expect(many?.interceptHighMs).toBeGreaterThan(many?.interceptMs ?? Number.NaN);
  // Medians of a uniform spread of 10 ms over 100 rounds are uncertain by about ±1 ms each, over 34 ms.
  expect(width(line(100, 10))).toBeGreaterThan(0.03);
  expect(width(line(100, 10))).toBeLessThan(0.2);
  expect(width(line(100, 1))).toBeLessThan(width(line(100, 10)) / 5);
  expect(line(100, 10)).toEqual(line(100, 10));
});

test('files of schema version 1 that know neither inferences nor workloads of slopes are read', async () => {
  const { inferences: _inferences, ...older } = fixture();
  const slopes = older.slopes.map(({ workload: _workload, ...slope }) => slope);
  const file = join(temporaryFolder(), 'results.json');
  writeFileSync(file, JSON.stringify({ ...older, slopes }));
  expect(await readResults(file)).toEqual({ ...older, slopes, inferences: [] });
});

test('a run folder is written whole and read back the same', async () => {
  const folder = temporaryFolder();
  const results = fixture();
  await claimFolder(folder);
  const written = await writeRun(folder, { results, samples: [sample(1, 10)], scenarioYaml: 'name: x\n' });
  expect(written).toMatchObject(results);
  expect((await readdir(folder)).toSorted()).toEqual([
    'results.json',
    'rounds.ndjson',
    'samples.ndjson',
    'scenario.yaml',
  ]);
  expect(await readResults(folder)).toEqual(written);
  expect(await readResults(join(folder, 'results.json'))).toEqual(written);
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
