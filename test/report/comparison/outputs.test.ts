import { PassThrough } from 'node:stream';
import { describe, expect, it, test } from 'vitest';
import { FORMATS, type FormatName } from '../../../src/report/comparison/index.ts';
import type { Judgement } from '../../../src/report/comparison/judgement.ts';
import { commentMarker } from '../../../src/report/comparison/markdown.ts';
import { judgementTerminal } from '../../../src/report/comparison/terminal.ts';
import { compare, runOf, type RunOptions } from '../../compare/runs.ts';
import { VARIANTS } from '../variants.ts';

const SMALL: RunOptions = { modes: ['tls12', 'tls13'], links: { reference: 34 } };

/** A TLS 1.3 that takes 5 ms more and carries a certificate that is 1,000 bytes larger, on another OpenSSL. */
function worse(): Judgement {
  const candidate = runOf({
    ...SMALL,
    seed: 2,
    extraMs: (id) => (id.startsWith('tls13') ? 5 : 0),
    change: (cell) =>
      cell.mode !== 'tls13' || cell.wire === undefined
        ? cell
        : { ...cell, wire: { ...cell.wire, handshakeDown: cell.wire.handshakeDown + 1000 } },
  });
  candidate.path = 'results/runs/candidate';
  candidate.results.environment = { ...candidate.results.environment, openssl: '3.6.0' };
  return judged(candidate);
}

function judged(candidate: ReturnType<typeof runOf>, baseline = runOf(SMALL)): Judgement {
  return {
    candidate: candidate.results,
    comparison: compare({ ...baseline, path: 'results/baseline' }, candidate),
  };
}

/** A run whose names come from somebody who means no good, without a cell that the baseline has. */
function hostile(): Judgement {
  const candidate = runOf({
    ...SMALL,
    change: (cell) => ({ ...cell, id: `<script>"&'|\u001B[31m/${cell.id}`, negotiated: { '<b>|`': 60 } }),
  });
  candidate.path = '--> </sub><script>';
  return judged(candidate);
}

const everyOutput: [string, (judgement: Judgement) => string][] = [
  ['terminal', (judgement) => judgementTerminal(judgement, new PassThrough())],
  ...Object.entries(FORMATS),
];

describe.each(everyOutput)('%s', (_, draw) => {
  it('draws a regression whole', () => {
    expect(draw(worse())).toMatchSnapshot();
  });

  it('has no hole, whatever is missing', () => {
    const empty = runOf({ modes: [] });
    for (const judgement of [hostile(), judged(empty), judged(runOf(SMALL), empty)]) {
      expect(draw(judgement)).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
  });
});

it.each<FormatName>(['markdown', 'junit'])('%s escapes what comes from files', (format) => {
  const negotiating = runOf({ ...SMALL, change: (cell) => ({ ...cell, negotiated: { '<script>"': 60 } }) });
  const text = FORMATS[format](hostile()) + FORMATS[format](judged(negotiating));
  expect(text).toContain('script');
  expect(text).not.toContain('<script>');
  expect(text).not.toContain('\u001B');
});

test('Markdown begins with the mark by which a comment is found again, the same for each run of a scenario', () => {
  const marker = commentMarker('reference');
  expect(marker).toBe('<!-- mqtt-tls-bench reference -->');
  for (const judgement of [worse(), judged(runOf(SMALL))])
    expect(FORMATS.markdown(judgement).startsWith(`${marker}\n`)).toBe(true);
});

test('Markdown fits into a comment: what is folded away is left out of very many cells', () => {
  const links = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`link-${index}`, 10 + index]));
  const text = FORMATS.markdown(
    judged(runOf({ ...SMALL, links, seed: 2, samples: 20 }), runOf({ ...SMALL, links, samples: 20 })),
  );
  expect(text.length).toBeLessThan(65_536);
  expect(text).not.toContain('All that was compared');
});

/** Very many links of two modes, whose times tell nothing, or all of which are slower. */
function crowd(extraMs: number): Judgement {
  const links = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`over-hills-and-far-away-${index}`, 10 + index]),
  );
  const many: RunOptions = { ...SMALL, links, samples: 12 };
  const noise = (_: string, round: number): number => (round % 2) * 40;
  const slower = (id: string, round: number): number =>
    id.startsWith('tls13/over-hills-and-far-away-7/') ? extraMs : noise(id, round);
  return judged(runOf({ ...many, seed: 2, extraMs: slower }), runOf({ ...many, extraMs: noise }));
}

test('Markdown of 200 inconclusive cells fits into a comment: reasons go first, then rows, those that regressed last', () => {
  const judgement = crowd(100);
  expect(judgement.comparison?.counts.inconclusive).toBeGreaterThan(190);
  const text = FORMATS.markdown(judgement);
  expect(text.length).toBeLessThan(65_536);
  expect(text.includes('<summary>Why</summary>')).toBe(false);
  expect(/^\d+ more rows: JUnit .* artifact\.$/m.exec(text)).not.toBeNull();
  expect(text.includes('**tls13/over-hills-and-far-away-7**')).toBe(true);
  // As much as there is room for.
  expect(text.match(/^\| /gm)?.length).toBeGreaterThan(80);
});

test('Markdown of very many notes and failed expectations fits, too', () => {
  const judgement = crowd(0);
  const notes = Array.from({ length: 300 }, (_, index) => `Note ${index}: ${'something '.repeat(300)}`);
  const checks = notes.map((found, index) => ({
    expectation: 'limits' as const,
    cell: `cell-${index}`,
    what: 'connackReceived p95',
    expected: 'at most 5 ms',
    found: found.slice(0, 200),
    passed: false,
  }));
  const { tool, scenario, startedAt, seed, complete } = judgement.candidate;
  const run = { path: 'a/run', scenario: scenario.name, startedAt, seed, complete };
  const gate = { gateVersion: 1 as const, tool, run, passed: false, notes, checks };
  if (judgement.comparison !== undefined) judgement.comparison.notes = notes;
  const text = FORMATS.markdown({ ...judgement, gate });
  expect(text.length).toBeLessThan(65_536);
  expect(/^- \d+ more sentences: /m.exec(text)).not.toBeNull();
});

test.each([
  ['after a storm', 'connecting-ms'],
  ['while held', 'connecting-ms'],
  ['after a failure', 'reconnecting-ms'],
] as const)('JSON of the dashboards has what fleets took: %s, %s', (variant, name) => {
  const candidate = VARIANTS[variant]?.();
  if (candidate === undefined) throw new Error(`no variant ${variant}`);
  const bencher = JSON.parse(FORMATS.bencher({ candidate })) as Record<string, Record<string, object>>;
  const cells = Object.values(bencher).filter((measures) => name in measures);
  expect(cells.length).toBeGreaterThan(1);
  for (const measures of cells) expect(measures[name]).toMatchObject({ value: expect.any(Number) });
});

test('JSON of the dashboards has every cell and its figures', () => {
  const bencher = JSON.parse(FORMATS.bencher(worse())) as Record<string, Record<string, object>>;
  expect(Object.keys(bencher)).toEqual([
    'tls12/reference/aedes/direct/handshake',
    'tls13/reference/aedes/direct/handshake',
  ]);
  expect(Object.keys(bencher['tls13/reference/aedes/direct/handshake'] ?? {})).toEqual([
    'first-data-ms',
    'connack-ms',
    'delivered-ms',
    'handshake-up-bytes',
    'handshake-down-bytes',
    'lost-percent',
  ]);
  const entries = JSON.parse(FORMATS['action-benchmark'](worse())) as { name: string }[];
  expect(entries).toHaveLength(12);
  expect(entries[6]).toMatchObject({
    name: 'tls13/reference/aedes/direct/handshake first-data-ms',
    unit: 'ms',
    value: expect.closeTo(177.6, 0),
    range: expect.stringMatching(/^± \d\.\d\d$/),
    extra: 'n = 60',
  });
});
