import { expect, test } from 'vitest';
import { usageError } from '../../src/errors.ts';
import { binsOf } from '../../src/report/charts/histogram-panels.ts';
import { CHARTS, chartsOf } from '../../src/report/charts/index.ts';
import { costParts } from '../../src/report/cost-parts.ts';
import { handshakeGroups } from '../../src/report/groups.ts';
import { furtherRounds } from '../../src/model/slow-start.ts';
import { renderSvg } from '../../src/report/render.ts';
import { distributionOf } from '../../src/results/distribution.ts';
import { fixture } from './fixture.ts';
import { certificateLadder, variant, VARIANTS } from './variants.ts';

test('each kind draws where it applies, and only there', () => {
  const kinds = (make: (() => unknown) | undefined): string[] => [
    ...new Set(chartsOf(make?.() as ReturnType<typeof fixture>).map(({ kind }) => kind)),
  ];
  const handshake = ['time-sequence', 'first-data', 'cost-parts', 'percentiles', 'ladder', 'bytes'];
  expect(CHARTS.map(({ id }) => id)).toEqual([
    'brokers',
    ...handshake,
    'certificates',
    'protection',
    'throughput',
    'failover',
    'wake',
    'storm',
    'hold',
    'slopes',
  ]);
  expect(kinds(VARIANTS['one link'])).toEqual(handshake);
  expect(kinds(VARIANTS['several brokers'])).toEqual(['brokers', ...handshake, 'slopes']);
  expect(kinds(VARIANTS['a certificate ladder'])).toEqual([...handshake, 'certificates']);
  // Without a delay there is nothing to take apart.
  expect(kinds(VARIANTS['the null link alone'])).not.toContain('cost-parts');
  expect(kinds(VARIANTS['with load'])).toEqual([...handshake, 'throughput', 'slopes']);
  expect(kinds(VARIANTS['load alone'])).toEqual(['throughput']);
  expect(kinds(VARIANTS['protected payloads'])).toEqual(['protection', 'throughput']);
  expect(kinds(VARIANTS['after a failure'])).toEqual(['failover']);
  expect(kinds(VARIANTS['sensors that wake up'])).toEqual(['wake']);
  expect(kinds(VARIANTS['after a storm'])).toEqual(['storm']);
  expect(kinds(VARIANTS['while held'])).toEqual(['hold']);
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

test('the parts of first data add up to its median, also where the residual is negative', () => {
  const results = variant({ modes: ['tls12', 'tls13'] }, (draft) => {
    const [slow, fast] = draft.cells;
    const trips = slow?.trips.connectReceived;
    if (trips !== undefined)
      Object.assign(trips, { serializationMs: 70, predictedMs: trips.predictedMs + 70 });
    if (fast?.milestones.connectReceived !== undefined) fast.milestones.connectReceived.p50Ms = 150;
    const [link] = draft.links;
    if (link !== undefined) Object.assign(link.requested, { rateUpKbit: 100, rateDownKbit: 1000 });
  });
  const [group] = handshakeGroups(results);
  const parts = group === undefined ? [] : costParts(results, group);
  expect(parts).toHaveLength(2);
  for (const { p50Ms, tripsMs, serializationMs, restMs = 0, residualMs } of parts)
    expect(tripsMs + serializationMs + restMs + residualMs).toBeCloseTo(p50Ms, 9);
  // What is predicted has serialization in it; the bar shows the two beside each other.
  expect(parts[0]?.serializationMs).toBeCloseTo(70, 9);
  expect(parts[0]?.tripsMs).toBeCloseTo(4 * 34.06 + 3 * 34.05, 9);
  expect(parts[1]?.residualMs).toBeLessThan(-20);
  const chart = chartsOf(results).find(({ kind }) => kind === 'cost-parts');
  expect(chart?.alt).toMatch(/tls13 150\.0 ms .*residual −\d+\.\d\d ms/);
  // What is too much is outlined from the median on.
  const spec = JSON.stringify(chart?.draw('wide').spec);
  expect(spec).toMatch(/"over":true,"from":150,/);
});

test('without a null link, compute is not told from the residual, and the chart says so', () => {
  const results = VARIANTS['one link']?.() ?? fixture();
  const [group] = handshakeGroups(results);
  const [part] = group === undefined ? [] : costParts(results, group);
  expect(part?.restMs).toBeUndefined();
  expect(part?.residualMs).toBeGreaterThan(0);
  const chart = chartsOf(results).find(({ kind }) => kind === 'cost-parts');
  expect(chart?.caption).toContain('no samples over a null link');
  expect(chart?.table.rows[0]?.cells.at(-2)).toBe('–');
});

test('bytes are drawn once a place, not once a link', () => {
  const bytes = chartsOf(fixture({ links: { lan: 1, reference: 34, null: 0 } })).filter(
    ({ kind }) => kind === 'bytes',
  );
  expect(bytes.map(({ id }) => id)).toEqual(['bytes-lan']);
  expect(bytes[0]?.table.rows[0]?.cells).toEqual(['tls12', '344', '1,210', '1,554']);
});

test('the certificate ladder has the rungs in the order of their bytes, and the steps of the initial window', async () => {
  const charts = chartsOf(certificateLadder()).filter(({ kind }) => kind === 'certificates');
  expect(charts).toHaveLength(1);
  const [chart] = charts;
  expect(chart?.table.rows.map(({ cells }) => [cells[0], cells[1], cells[2]])).toEqual([
    ['tls13', '240', '0'],
    ['tls13+padBytes=10000', '10,800', '0'],
    ['tls13+padBytes=20000', '20,800', '1'],
    ['tls13+padBytes=50000', '50,800', '2'],
  ]);
  // Slow start is in the prediction: what is left is compute.
  for (const { cells } of chart?.table.rows ?? []) expect(Math.abs(Number(cells[5]))).toBeLessThan(6);
  const texts = chart === undefined ? [] : textsOf(await renderSvg(chart.draw('wide')));
  expect(texts).toContain('initial window');
  expect(texts).toContain('+1 round');
});

test('a flight takes a further round when it is a byte over the window', () => {
  expect([1, 14_480, 14_481, 43_440, 43_441].map((bytes) => furtherRounds(bytes))).toEqual([0, 0, 1, 1, 2]);
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

test('bars of a failover’s histogram hold every client, also where not every value is read', () => {
  for (const count of [40, 2500]) {
    const times = distributionOf(
      Array.from({ length: count }, (_, index) => (index < count / 4 ? 235.5 : 1267)),
      'measured',
    );
    expect(binsOf(times?.hdr ?? '', 50)).toEqual([
      { from: 200, to: 250, clients: expect.closeTo(count / 4, 5) },
      { from: 1250, to: 1300, clients: expect.closeTo((3 * count) / 4, 5) },
    ]);
  }
});
