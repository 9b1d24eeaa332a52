import { describe, expect, test } from 'vitest';
import { usageError } from '../../src/errors.ts';
import { WIDTHS } from '../../src/report/charts/chart.ts';
import { CHARTS, chartsOf } from '../../src/report/charts/index.ts';
import { renderSvg } from '../../src/report/render.ts';
import { fixture } from './fixture.ts';
import { variant, VARIANTS } from './variants.ts';

const SIZES = ['wide', 'narrow'] as const;

describe.each(Object.entries(VARIANTS))('charts of results that are: %s', (_, make) => {
  test('draw without a warning, without holes, at their width, without ids that could collide', async () => {
    const charts = chartsOf(make());
    for (const chart of charts) {
      for (const size of SIZES) {
        const drawing = chart.draw(size);
        const warnings: string[] = [];
        const svg = await renderSvg(drawing, (text) => warnings.push(text));
        expect({ id: chart.id, warnings }).toEqual({ id: chart.id, warnings: [] });
        expect(svg).not.toMatch(/NaN|undefined|Infinity|\[object/);
        expect(svg).not.toMatch(/ id="|<script|<image|href/);
        const [, width = '', height = ''] = /^<svg [^>]*width="([^"]*)" height="([^"]*)"/.exec(svg) ?? [];
        expect([Number(width), Number(height)]).toEqual([drawing.width, drawing.height]);
        expect(drawing.width).toBeLessThanOrEqual(WIDTHS[size]);
        expect(drawing.height).toBeLessThan(4 * WIDTHS.wide);
      }
    }
  });

  test('have ids that are file names, and a table for those who do not see them', () => {
    const charts = chartsOf(make());
    expect(new Set(charts.map(({ id }) => id)).size).toBe(charts.length);
    for (const { id, alt, caption, table } of charts) {
      expect(id).toMatch(/^[a-z0-9-]+$/);
      expect(`${alt} ${caption} ${JSON.stringify(table)}`).not.toMatch(/NaN|undefined|Infinity|\[object/);
      expect(alt.length).toBeGreaterThan(20);
      expect(table.rows.length).toBeGreaterThan(0);
      for (const row of table.rows) expect(row.cells).toHaveLength(table.columns.length);
    }
  });
});

test('each kind draws where it applies, and only there', () => {
  const kinds = (make: (() => unknown) | undefined): string[] => [
    ...new Set(chartsOf(make?.() as ReturnType<typeof fixture>).map(({ kind }) => kind)),
  ];
  const handshake = ['time-sequence', 'first-data', 'percentiles', 'ladder'];
  expect(CHARTS.map(({ id }) => id)).toEqual([...handshake, 'throughput', 'slopes']);
  expect(kinds(VARIANTS['one link'])).toEqual(handshake);
  expect(kinds(VARIANTS['with load'])).toEqual([...handshake, 'throughput', 'slopes']);
  expect(kinds(VARIANTS['load alone'])).toEqual(['throughput']);
  expect(kinds(VARIANTS['many delays'])).toEqual([...handshake, 'slopes']);
  expect(kinds(VARIANTS['no samples at all'])).toEqual([]);
  // One sample supports no percentile but its own.
  expect(kinds(VARIANTS['one sample'])).not.toContain('percentiles');
});

test('the time-sequence chart stands TLS 1.2 beside TLS 1.3, and each mode by itself', () => {
  const ids = chartsOf(fixture()).flatMap(({ id, kind }) => (kind === 'time-sequence' ? [id] : []));
  expect(ids).toEqual([
    'time-sequence-reference',
    ...['plain', 'tls12', 'tls13', 'tls12-psk', 'tls13-psk', 'mtls12', 'mtls13'].map(
      (mode) => `time-sequence-reference-${mode}`,
    ),
  ]);
});

test('the time-sequence chart has every message, the departures and first data', async () => {
  const results = variant({ modes: ['tls13'] }, (draft) => {
    const [cell] = draft.cells;
    const data = cell?.milestones.connectReceived;
    if (data !== undefined) data.p50Ms = 172.9;
    if (cell?.flights[3] !== undefined) cell.flights[3].measuredMs = 103.77;
  });
  const chart = chartsOf(results).find(({ id }) => id === 'time-sequence-reference-tls13');
  const texts = chart === undefined ? [] : textsOf(await renderSvg(chart.draw('wide')));
  for (const text of [
    'ClientHello',
    'EncryptedExtensions',
    'CONNECT',
    '103.8 ms',
    '172.9 ms',
    'first data',
    '5 trips to first data',
    '(modelled)',
  ]) {
    expect(texts).toContain(text);
  }
});

test('no percentile is drawn or told with fewer than ten samples beyond it', async () => {
  const percentiles = (samples: number) =>
    chartsOf(fixture({ modes: ['tls13'], samples })).find(({ kind }) => kind === 'percentiles');
  const titles = (samples: number) => percentiles(samples)?.table.columns.map(({ title }) => title);
  expect(titles(19)).toBeUndefined();
  expect(titles(20)).toEqual(['mode', 'n', 'fastest ms', 'p50 ms', 'slowest ms']);
  expect(titles(200)).toEqual(['mode', 'n', 'fastest ms', 'p50 ms', 'p90 ms', 'p95 ms', 'slowest ms']);
  expect(titles(1000)).toContain('p99 ms');
  expect(titles(1000)).not.toContain('p99.9 ms');
  const drawing = percentiles(200)?.draw('wide');
  const xs = [...JSON.stringify(drawing?.spec).matchAll(/"x":([\d.]+),"ms"/g)].map(([, x]) => Number(x));
  // 200 samples: the line ends at 1 / (1 − p) = 20, ten samples before the end; the ring of the slowest is at 200.
  expect(Math.max(...xs.filter((x) => x < 200))).toBeCloseTo(20, 6);
});

test('a damaged histogram is a clear error', () => {
  const results = variant({ modes: ['tls13'] }, (draft) => {
    const data = draft.cells[0]?.milestones.connectReceived;
    if (data !== undefined) data.hdr = 'not a histogram';
  });
  expect(() => chartsOf(results)).toThrow(
    expect.objectContaining({
      name: 'BenchError',
      exitCode: usageError('').exitCode,
      message: expect.stringContaining(
        'The histogram of first data of tls13/reference/aedes/direct/handshake',
      ) as string,
    }),
  );
});

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g)].map(([, text = '']) => text);
}
