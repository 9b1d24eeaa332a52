import { expect, test } from 'vitest';
import { accessSentences, accessTable } from '../../src/report/access.ts';
import { reportHtml } from '../../src/report/html.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { fixture } from './fixture.ts';

const ACCESS = {
  at: 'topic',
  delayMs: 20,
  cache: false,
  asked: 200,
  kept: 0,
  denied: 0,
  unanswered: 0,
} as const;
const LATER_MS = 21.25;

/** Results where each cell has a twin on a broker with access management, which holds deliveries up. */
function withAccess(changes: Partial<NonNullable<CellResult['access']>> = {}): Results {
  const results = fixture({ modes: ['plain', 'tls13'] });
  const twins = results.cells.map((cell): CellResult => {
    const { delivered } = cell.milestones;
    const theory = cell.trips.delivered;
    if (delivered === undefined || theory === undefined) throw new Error('Nothing was delivered');
    return {
      ...cell,
      id: cell.id.replace('/aedes/', '/asked/'),
      broker: 'asked',
      milestones: { ...cell.milestones, delivered: { ...delivered, p50Ms: delivered.p50Ms + LATER_MS } },
      trips: { ...cell.trips, delivered: { ...theory, accessMs: 20, predictedMs: theory.predictedMs + 20 } },
      access: { ...ACCESS, askedP50Ms: 20.9, ...changes },
    };
  });
  return {
    ...results,
    scenario: {
      ...results.scenario,
      brokers: [
        { id: 'aedes', name: 'aedes' },
        { id: 'asked', name: 'aedes' },
      ],
    },
    cells: [...results.cells, ...twins],
  };
}

test('results without access management have nothing of it', () => {
  const results = fixture();
  expect(accessTable(results).rows).toEqual([]);
  expect(accessSentences(results)).toEqual([]);
  expect(reportMarkdown(results)).not.toContain('Access management');
  expect(reportHtml(results, [])).not.toContain('id="access-management"');
});

test('what it adds stands beside theory, against the same mode without, over real links alone', () => {
  const results = withAccess();
  const { columns, rows } = accessTable(results);
  for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
  expect(rows.map(({ cells }) => [cells[0], cells[1], cells[2], cells[9], cells[11], cells[12]])).toEqual([
    ['plain', 'asked', 'reference', 'CONNACK', '0.00', '0.00'],
    ['plain', 'asked', 'reference', 'delivery', '+20.00', '+21.25'],
    ['tls13', 'asked', 'reference', 'CONNACK', '0.00', '0.00'],
    ['tls13', 'asked', 'reference', 'delivery', '+20.00', '+21.25'],
  ]);
  expect(rows[0]?.cells.slice(3, 9)).toEqual(['at each topic', '200', '0', '0', '0', '20.90']);
  expect(accessSentences(results)).toEqual([
    'Access management of asked, asked at each topic; later than without: CONNACK 0.00 ms where theory says 0.00 (2 modes) and delivery +21.25 ms where theory says +20.00 (2 modes).',
  ]);
  expect(reportMarkdown(results)).toContain('## Access management');
  expect(reportHtml(results, [])).toContain('id="access-management"');
});

test('without a twin there is no difference, a broker of another kind is none, and denials are counted', () => {
  const results = withAccess({ at: 'connect', cache: true, asked: 0, kept: 3, denied: 2, unanswered: 1 });
  const others = {
    ...results,
    scenario: {
      ...results.scenario,
      brokers: [
        { id: 'aedes', name: 'mosquitto' },
        { id: 'asked', name: 'aedes' },
      ],
    },
  };
  expect(accessTable(others).rows.map(({ cells }) => cells.at(-1))).toEqual(['–', '–', '–', '–']);
  expect(accessSentences(others)).toEqual([
    'Access management of asked, asked at CONNECT, answers kept; clients denied their topic 6 times.',
  ]);
});
