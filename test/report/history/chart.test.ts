import { describe, expect, test } from 'vitest';
import type { HistoryEntry } from '../../../src/history/entry.ts';
import { trendChart } from '../../../src/report/history/chart.ts';
import { historyHtml, historySvg } from '../../../src/report/history/page.ts';
import { trendsOf } from '../../../src/report/history/trends.ts';
import { historyOf } from '../../history/runs.ts';
import { fixture } from '../fixture.ts';
import { drawnSoundly } from '../sound.ts';

const RESULTS = fixture({ modes: ['plain', 'tls12', 'tls13'], samples: 20, load: ['plain'] });
const CHANGES = [0, 0.4, -0.3, 5, 5.2];

/** Histories that a chart must stand: one run, many, a cell that comes late, names of somebody who means no good. */
const HISTORIES: Record<string, HistoryEntry[]> = {
  five: historyOf(RESULTS, CHANGES),
  one: historyOf(RESULTS, [0]),
  'two hundred': historyOf(
    RESULTS,
    Array.from({ length: 200 }, (_, index) => index % 7),
  ),
  uneven: historyOf(RESULTS, CHANGES).map((entry, index) =>
    index < 3 ? { ...entry, cells: entry.cells.slice(1) } : entry,
  ),
  hostile: historyOf(RESULTS, CHANGES).map((entry) => ({
    ...entry,
    label: `<script>"&'|\u001B[31m`,
    cells: entry.cells.map((cell) => ({ ...cell, id: `<b>/${cell.id}`, mode: '<b>' })),
  })),
  'without times': historyOf(RESULTS, CHANGES).map((entry) => ({
    ...entry,
    cells: entry.cells.map((cell) => ({ ...cell, timings: {} })),
  })),
};

describe.each(Object.entries(HISTORIES))('%s', (_, history) => {
  test('is drawn at its width, without a warning and without a hole', async () => {
    for (const what of ['headline', 'connack'] as const) {
      const chart = trendChart(history, trendsOf(history), { place: '', what });
      await drawnSoundly(chart);
    }
    for (const text of [await historySvg(history), await historyHtml(history)]) {
      expect(text).not.toMatch(/NaN|undefined|Infinity|\[object|<script|https?:\/\/(?!www\.w3\.org)/);
      expect(text).not.toContain('\u001B');
    }
  });
});

test('a step of 5 ms is seen beside 240 ms: each panel has its own scale', () => {
  const history = HISTORIES['five'] ?? [];
  const trends = trendsOf(history).filter(({ id }) => id.startsWith('tls12/'));
  const chart = trendChart(history, trends, { place: '', what: 'headline' });
  const ys = [...JSON.stringify(chart.draw('wide').spec).matchAll(/"y":([\d.]+),"low"/g)].map(([, y]) =>
    Number(y),
  );
  expect(ys).toHaveLength(10);
  expect(Math.abs((ys[2] ?? 0) - (ys[3] ?? 0))).toBeGreaterThan(20);
  expect(Math.abs((ys[0] ?? 0) - (ys[1] ?? 0))).toBeLessThan(10);
  expect(chart.table.rows).toHaveLength(5);
});

test('where machine or versions change there is a line, and only there', () => {
  const history = (HISTORIES['five'] ?? []).map((entry, index) =>
    index < 2 ? entry : { ...entry, environment: { ...entry.environment, stack: 'Node 27, OpenSSL 4' } },
  );
  const dashes = (entries: HistoryEntry[]): unknown =>
    (
      trendChart(entries, trendsOf(entries), { place: '', what: 'headline' }).draw('wide')
        .spec as unknown as {
        layer: { mark: { strokeDash?: number[] }; data: { values: object[] } }[];
      }
    ).layer.find(({ mark }) => mark?.strokeDash !== undefined)?.data.values.length;
  expect(dashes(history)).toBe(1);
  expect(dashes(HISTORIES['five'] ?? [])).toBe(0);
});
