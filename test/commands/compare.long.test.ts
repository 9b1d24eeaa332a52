import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparisonSchema, type Comparison } from '../../src/compare/comparison.ts';
import { resultsSchema } from '../../src/results/schema.ts';
import { cliIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

// So few a second, and so far, that a busy machine does not disturb more than half of them.
const SCENARIO = `name: near
question: Did it get worse?
modes: [plain, tls13]
links: [{ name: near, oneWayMs: 15 }, null]
workload: { kind: handshake, action: subscribe, connectionsPerSecond: 10, timeoutMs: 3000 }
rounds: 24
warmupRounds: 2
`;
const TLS13 = 'tls13/near/aedes/direct/handshake';

/**
 * Real runs: of the same twice, over a link that became so much slower that a busy machine does not hide it, and with
 * clients that give up before TLS 1.3 holds SUBACK (8 trips).
 */
const RUNS = {
  baseline: [],
  same: [],
  slower: ['links.0={ name: near, oneWayMs: 30 }'],
  impatient: ['workload.timeoutMs=105'],
};
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
  writeFileSync(join(folder, 'near.yaml'), SCENARIO);
  for (const [name, changes] of Object.entries(RUNS)) {
    const set = changes.flatMap((change) => ['--set', change]);
    const options = ['--out', name, '--backend', 'proxy', '--allow-uncalibrated', '--json', ...set];
    for (let tries = 1; tries <= 3; tries++) {
      rmSync(join(folder, name), { recursive: true, force: true });
      const { code, stdout, stderr } = await cliIn(folder, 'run', 'near.yaml', ...options);
      if (code !== 0 && code !== 6) throw new Error(`There is no run ${name}: ${stderr}`);
      // Where most is disturbed, nothing can be told of it; what is tested here is what is told.
      const { cells } = resultsSchema.parse(JSON.parse(stdout));
      if (cells.every(({ samples: { tainted, attempted } }) => tainted < attempted / 3)) break;
    }
  }
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function compare(...args: string[]): Promise<{ code: number | undefined; comparison: Comparison }> {
  const { code, stdout } = await cliIn(folder, 'compare', ...args, '--json');
  return { code, comparison: comparisonSchema.parse(JSON.parse(stdout)) };
}

function effects({ cells }: Comparison, cell: string, kind: string): Comparison['cells'][number]['effects'] {
  return cells.find(({ id }) => id === cell)?.effects.filter((one) => one.kind === kind) ?? [];
}

describe('of real runs', () => {
  test('the same twice has not regressed: exit code 0', async () => {
    const { code, comparison } = await compare('baseline', 'same');
    expect(code).toBe(0);
    expect(['unchanged', 'inconclusive']).toContain(comparison.verdict);
    expect(comparison.counts.regressed).toBe(0);
    const exact = comparison.cells.flatMap((cell) =>
      cell.effects.filter(({ kind }) => ['bytes', 'negotiated', 'losses'].includes(kind)),
    );
    expect(new Set(exact.map(({ verdict }) => verdict))).toEqual(new Set(['unchanged']));
    expect(effects(comparison, TLS13, 'timing')[0]?.source).toBe('rounds');
  });

  test('a run against itself is unchanged in every cell, whatever disturbed it', async () => {
    const { comparison } = await compare('baseline', 'baseline');
    const timings = comparison.cells.flatMap(({ effects }) =>
      effects.filter(({ kind }) => kind === 'timing'),
    );
    expect(timings).toHaveLength(8);
    expect(new Set(timings.map(({ difference }) => difference))).toEqual(new Set([0]));
    expect(comparison.counts).toMatchObject({ regressed: 0, improved: 0 });
    expect(comparison.environment).toEqual([]);
  });

  test('a link that became 15 ms slower: exit code 3, where, and what differs beside', async () => {
    const { code, comparison } = await compare('baseline', 'slower');
    expect(code).toBe(3);
    for (const cell of ['plain/near/aedes/direct/handshake', TLS13]) {
      const [firstData] = effects(comparison, cell, 'timing');
      expect(firstData).toMatchObject({ what: 'connectReceived', verdict: 'regressed' });
      // Three trips of plain TCP, five of TLS 1.3.
      expect(firstData?.difference).toBeGreaterThan(cell === TLS13 ? 60 : 35);
    }
    expect(comparison.cells.find(({ id }) => id.startsWith('tls13/null'))?.verdict).not.toBe('regressed');
    expect(effects(comparison, TLS13, 'trips').map(({ verdict }) => verdict)).not.toContain('regressed');
    expect(comparison.environment).toEqual(
      expect.arrayContaining([{ what: 'link near, asked for, upMs', baseline: '15', candidate: '30' }]),
    );
  });

  test('the other way round it has improved: exit code 0', async () => {
    const { code, comparison } = await compare('slower', 'baseline');
    expect(code).toBe(0);
    expect(comparison.cells.find(({ id }) => id === TLS13)?.verdict).toBe('improved');
  });

  test('attempts that are lost: exit code 3', async () => {
    const { code, comparison } = await compare('baseline', 'impatient');
    expect(code).toBe(3);
    expect(effects(comparison, TLS13, 'losses')).toMatchObject([
      { verdict: 'regressed', because: '24 of 24 were lost, in the baseline 0 of 24.' },
    ]);
    expect(effects(comparison, TLS13, 'missing').map(({ what }) => what)).toContain('connectReceived');
  });
});

test('floors are options, and --fail-on-inconclusive is exit code 4', async () => {
  const large = await compare('baseline', 'slower', '--min-effect-ms', '500');
  expect({ code: large.code, settings: large.comparison.settings }).toEqual({
    code: 0,
    settings: { minEffectMs: 500, minEffectPercent: 1 },
  });
  // So small a floor is within every interval.
  const strict = ['--min-effect-ms', '0.0001', '--min-effect-percent', '0', '--fail-on-inconclusive'];
  const { code, comparison } = await compare('baseline', 'baseline', ...strict);
  expect({ code, verdict: comparison.verdict }).toEqual({ code: 4, verdict: 'inconclusive' });
});

test('--only judges some kinds: a slower link is told, and does not fail', async () => {
  const { code, comparison } = await compare('baseline', 'slower', '--only', 'trips,bytes,negotiated,losses');
  expect({ code, verdict: comparison.verdict }).not.toEqual({ code: 3, verdict: 'regressed' });
  expect(code).toBe(0);
  expect(effects(comparison, TLS13, 'timing')[0]).toMatchObject({ verdict: 'regressed', judged: false });
  const wrong = await cliIn(folder, 'compare', 'baseline', 'same', '--only', 'bytes,tips');
  expect(wrong).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: --only bytes,tips: expected some of timing, trips, bytes, negotiated, losses, throughput, with commas between',
  });
});

test('--history with too few runs says so; one at fault is told with its line', async () => {
  await cliIn(folder, 'history', 'add', 'baseline', 'same', '--file', 'h.ndjson');
  const { comparison } = await compare('baseline', 'same', '--history', 'h.ndjson');
  expect(comparison.notes).toContainEqual(expect.stringMatching(/^h\.ndjson has [01] runs like these/));
  writeFileSync(join(folder, 'bad.ndjson'), '{}\n');
  const bad = await cliIn(folder, 'gate', 'near.yaml', '--baseline', 'same', '--history', 'bad.ndjson');
  expect(bad).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('bad.ndjson:1: ') });
  const alone = await cliIn(folder, 'gate', 'same', '--history', 'h.ndjson');
  expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('--history') });
});

test('for people: the verdict first; --write makes files of every format', async () => {
  const out = temporaryFolder();
  const formats = { markdown: 'c.md', junit: 'c.xml', bencher: 'b.json', 'action-benchmark': 'a.json' };
  const write = Object.entries(formats).flatMap(([format, file]) => [
    '--write',
    `${format}=${join(out, file)}`,
  ]);
  const { code, stdout, stderr } = await cliIn(
    folder,
    'compare',
    'baseline',
    'slower/results.json',
    ...write,
  );
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  expect(stdout).toMatch(/^Regressed: of 4 cells /);
  expect(stdout).not.toContain('\u001B');
  const text = (file: string): string => readFileSync(join(out, file), 'utf8');
  expect(text('c.md')).toMatch(/^<!-- mqtt-tls-bench near -->\n/);
  expect(text('c.xml')).toContain(`<testsuite name="compare ${TLS13}"`);
  expect(JSON.parse(text('b.json'))).toHaveProperty([TLS13, 'first-data-ms', 'value']);
  expect(JSON.parse(text('a.json'))).toContainEqual(
    expect.objectContaining({ name: `${TLS13} first-data-ms`, unit: 'ms' }),
  );
});

describe('what cannot be compared: exit code 2, file and fault', () => {
  /** A copy of the baseline that somebody had their hands on. */
  function damaged(file: string, damage: (text: string) => string): string {
    const copy = join(temporaryFolder(), 'run');
    cpSync(join(folder, 'baseline'), copy, { recursive: true });
    writeFileSync(join(copy, file), damage(readFileSync(join(copy, file), 'utf8')));
    return copy;
  }
  const edit = (change: object) => (text: string) =>
    JSON.stringify({ ...(JSON.parse(text) as object), ...change });

  test.each([
    ['a newer version', 'results.json', edit({ schemaVersion: 2 }), /results\.json has schemaVersion 2/],
    ['truncated results', 'results.json', (text: string) => text.slice(0, -500), /results\.json is not JSON/],
    ['edited results', 'results.json', edit({ cells: [{}] }), /not a valid results file/],
    ['another seed', 'results.json', edit({ seed: 99 }), /results\.json was changed after it was written/],
    [
      'another time',
      'rounds.ndjson',
      (text: string) => text.replace(/"timesUs":\[\d+/, '"timesUs":[1'),
      /rounds\.ndjson was changed after it was written/,
    ],
    ['a truncated line', 'rounds.ndjson', (text: string) => text.slice(0, -20), /rounds\.ndjson:8: not JSON/],
    [
      'an edited time',
      'rounds.ndjson',
      (text: string) => text.replace(/"timesUs":\[\d+/, '"timesUs":["fast"'),
      /rounds\.ndjson:1: time 0 is "fast", expected whole microseconds/,
    ],
    [
      'a line that is gone',
      'rounds.ndjson',
      (text: string) => text.slice(text.indexOf('\n') + 1),
      /rounds\.ndjson has 0 samples of .*, the results beside it \d+/,
    ],
  ])('%s', async (_, file, damage, message) => {
    const { code, stdout, stderr } = await cliIn(folder, 'compare', 'baseline', damaged(file, damage));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('nothing there, or a format that there is not', async () => {
    const nowhere = await cliIn(folder, 'compare', 'baseline', 'nowhere');
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('Cannot read nowhere') });
    const html = await cliIn(folder, 'compare', 'baseline', 'same', '--write', 'html=x');
    expect(html).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: --write html=x: expected FORMAT=FILE, with a FORMAT of markdown, junit, bencher, action-benchmark',
    });
  });
});

test('results.json alone is compared by its histograms', async () => {
  const alone = join(temporaryFolder(), 'run');
  cpSync(join(folder, 'slower'), alone, { recursive: true });
  for (const file of ['rounds.ndjson', 'samples.ndjson']) rmSync(join(alone, file));
  const { code, comparison } = await compare('baseline', join(alone, 'results.json'));
  expect(code).toBe(3);
  expect(effects(comparison, TLS13, 'timing')[0]).toMatchObject({
    verdict: 'regressed',
    source: 'histograms',
  });
  expect(comparison.notes).toContainEqual(expect.stringContaining('The candidate has no rounds.ndjson'));
  expect(resultsSchema.safeParse(JSON.parse(readFileSync(join(alone, 'results.json'), 'utf8'))).success).toBe(
    true,
  );
});
