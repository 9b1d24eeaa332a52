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
    'The other one takes the trips of theory, to first data and to CONNACK.',
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

test('the report for a job page has the verdicts too', () => {
  const text = reportMarkdown(stalled());
  expect(text).toContain('## Theory and measurement');
  expect(text).toMatch(/\*\*tls13\*\* +\| \*\*differs\*\*/);
});
