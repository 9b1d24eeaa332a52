import { expect, test } from 'vitest';
import { inferenceSentences, inferenceTable } from '../../src/report/inference.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { fixture } from './fixture.ts';
import { stalled } from './variants.ts';

test('where all modes agree, one line says so', () => {
  expect(inferenceSentences(fixture())).toEqual([
    'All 7 modes take the trips of theory, to first data and to CONNACK.',
  ]);
  expect(inferenceSentences({ ...fixture(), inferences: [] })).toEqual([]);
});

test('a mode that differs is told with its figures and the evidence, the others in a line each', () => {
  expect(inferenceSentences(stalled())).toEqual([
    'tls13 differs from theory: 7.99 trips (7.96 to 8.04) to CONNACK where it says 6. nagle: Over reference CONNACK comes 109.9 ms later (median of 200 connections) than one trip after the broker wrote it.',
    '1 mode of 4 takes the trips of theory, to first data and to CONNACK.',
    '2 modes of 4: inconclusive. There are too few rounds for an interval. No attempt came to it.',
  ]);
});

test('the table has theory beside what was inferred, and where there is no figure a dash', () => {
  const { columns, rows } = inferenceTable(stalled());
  for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
  const [plain, few, late, alone] = rows.map(({ cells }) => cells);
  expect(plain?.slice(0, 4)).toEqual(['plain', 'agrees', '3', '3.00']);
  expect(plain?.at(-3)).toBe('the difference to null');
  expect(few?.slice(1, 5)).toEqual(['inconclusive', '7', '7.00', '–']);
  expect(late?.slice(5, 8)).toEqual(['6', '7.99', '7.96 – 8.04']);
  expect(late?.at(-1)).toBe('nagle');
  expect(alone?.slice(2, 5)).toEqual(['5', '–', '–']);
  expect(rows.map(({ strong }) => strong)).toEqual([false, false, true, false]);
});

test('brokers, topologies and workloads are named where they differ', () => {
  const results = fixture({ modes: ['tls13'] });
  const [one] = results.inferences;
  if (one === undefined) throw new Error('an empty fixture');
  const two = {
    ...results,
    inferences: [one, { ...one, broker: 'aedes-nagle', verdict: 'differs' as const }],
  };
  expect(inferenceTable(two).rows.map(({ cells }) => cells.slice(0, 3))).toEqual([
    ['tls13', 'aedes', 'agrees'],
    ['tls13', 'aedes-nagle', 'differs'],
  ]);
  expect(inferenceSentences(two)[0]).toMatch(/^tls13 · aedes-nagle differs/);
});

test('a mode at two brokers is two lines, and one whose clients are refused takes trips to its refusal alone', () => {
  const results = fixture({ modes: ['tls13'] });
  const [one] = results.inferences;
  if (one === undefined) throw new Error('an empty fixture');
  const said = (...inferences: typeof results.inferences) => inferenceSentences({ ...results, inferences });
  expect(said(one, { ...one, broker: 'aedes-nagle' })).toEqual([
    'All 2 lines take the trips of theory, to first data and to CONNACK.',
  ]);
  const differing = { ...one, mode: 'tls12', verdict: 'differs' as const };
  expect(said(one, differing).at(-1)).toMatch(/^The other one takes the trips of theory, to first data/);
  const refused = {
    ...one,
    estimates: one.estimates.slice(0, 1).map((it) => ({ ...it, milestone: 'refused' as const })),
  };
  expect(said(refused)).toEqual(['The mode takes the trips of theory, to its refusal.']);
});

test('the report for a job page has the verdicts too', () => {
  const text = reportMarkdown(stalled());
  expect(text).toContain('## Theory and measurement');
  expect(text).toMatch(/\*\*tls13\*\* +\| \*\*differs\*\*/);
});
