import { expect, test } from 'vitest';
import { METHOD_NAMES } from '../../../src/payload/index.ts';
import { payloadHtml, payloadSvg } from '../../../src/report/micro-payload.ts';
import {
  payloadRatesChart,
  type PayloadRates,
  type PayloadRatesReport,
} from '../../../src/report/charts/micro-payload.ts';
import { drawnSoundly } from '../sound.ts';
import { ROLES } from '../../../src/report/palette.ts';

const SIZES = [16, 64, 256, 1024, 4096, 16_384];

/** Rates that fall with the size, opening at half of protecting; an interval of a fifth to both sides. */
function rates(method: string, payloadBytes: number, fastest = 1_000_000): PayloadRates {
  const rate = (perSecond: number) => ({
    perSecond,
    lowPerSecond: perSecond * 0.8,
    highPerSecond: perSecond * 1.2,
  });
  const perSecond = fastest / (1 + payloadBytes / 1000);
  return { method, payloadBytes, addedBytes: 27, protect: rate(perSecond), open: rate(perSecond / 2) };
}

function reportOf(
  methods: readonly string[],
  sizes: readonly number[],
  fastest?: number,
): PayloadRatesReport {
  const payloads = methods.flatMap((method) => sizes.map((size) => rates(method, size, fastest)));
  return { rounds: 40, machine: 'a processor, Node 1, OpenSSL 2', payloads };
}

const flat = (perSecond: number) => ({ perSecond, lowPerSecond: perSecond, highPerSecond: perSecond });

/** What `micro payload` can be asked for, and rates that no scale should stumble over. */
const REPORTS: Record<string, PayloadRatesReport> = {
  'all methods': reportOf(METHOD_NAMES, SIZES),
  'one method of one size': reportOf(['ed25519'], [64]),
  'two methods, no payload at all, and the largest': reportOf(['crc32', 'rsa-pss'], [0, 1_048_576]),
  'many sizes': reportOf(
    ['md5'],
    Array.from({ length: 60 }, (_, size) => size * 100),
  ),
  'less than one a second': reportOf(['slow'], SIZES, 0.5),
  'a round rate without an interval': {
    ...reportOf([], []),
    payloads: [{ ...rates('exact', 16), protect: flat(1000), open: flat(1000) }],
  },
};

test.each(Object.entries(REPORTS))(
  '%s: drawn at its width, without a warning and without a hole',
  async (_, report) => {
    const chart = payloadRatesChart(report);
    for (const { drawing, svg } of await drawnSoundly(chart)) {
      // Unit, n and clock stand in the picture itself, since an SVG has no caption.
      const text = svg.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
      for (const word of [
        'operations a second of one core',
        'by CPU time',
        'payload in bytes',
        'n 40',
        '95 % intervals',
        'Node 1',
      ])
        expect(text).toContain(word);
      for (const { middle, end } of intervals(svg)) {
        expect(middle).toBeLessThanOrEqual(drawing.height);
        expect(end).toBeGreaterThanOrEqual(0);
      }
    }
    expect(chart.table.rows).toHaveLength(report.payloads.length);
    for (const { cells } of chart.table.rows) expect(cells).toHaveLength(chart.table.columns.length);
  },
);

/** Where the marks of intervals begin and end, by their translucent strokes. */
function intervals(svg: string): { middle: number; end: number }[] {
  return [...svg.matchAll(/translate\([\d.-]+,([\d.-]+)\)" x2="0" y2="([\d.-]+)"[^>]*opacity="0\.4"/g)].map(
    ([, from, length]) => ({ middle: Number(from), end: Number(from) + Number(length) }),
  );
}

interface Mark {
  mark: { type: string; color?: string };
  encoding: unknown;
}
interface Point {
  method: string;
  x: number;
  y: number;
  low: number;
  high: number;
}

/** The points of protecting and of opening. */
function pointsOf(report: PayloadRatesReport): Point[][] {
  const spec = payloadRatesChart(report).draw('wide').spec as unknown as {
    layer: { data: { values: Point[] }; layer?: Mark[] }[];
  };
  return spec.layer.flatMap(({ data, layer }) => (layer === undefined ? [] : [data.values]));
}

test('the scale is logarithmic and the same in all panels: half as many is as far down, wherever', () => {
  const [protect = [], open = []] = pointsOf(reportOf(METHOD_NAMES, SIZES));
  expect(protect).toHaveLength(METHOD_NAMES.length * SIZES.length);
  const halves = protect.map(({ y }, index) => (open[index]?.y ?? NaN) - y);
  expect(halves[0]).toBeGreaterThan(5);
  for (const half of halves) expect(half).toBeCloseTo(halves[0] ?? NaN, 6);
  for (const { y, low, high } of protect) {
    expect(high).toBeLessThan(y);
    expect(low).toBeGreaterThan(y);
    expect((low - y) / (y - high)).toBeCloseTo(Math.log(0.8) / -Math.log(1.2), 6);
  }
});

test('sizes stand in their order, whatever order they were asked for in', () => {
  const [protect = []] = pointsOf(reportOf(['crc32'], [1024, 16, 64]));
  const [large, small, middle] = protect.map(({ x }) => x);
  expect(small).toBeLessThan(middle ?? 0);
  expect(middle).toBeLessThan(large ?? 0);
});

test('the table has the figures, and the words for who does not see the picture the ends of each line', () => {
  const { table, alt } = payloadRatesChart(reportOf(['aes-cmac'], [0, 1000]));
  expect(table.rows[1]?.cells).toEqual([
    'aes-cmac',
    '1,000',
    '27',
    '500,000',
    '400,000 – 600,000',
    '250,000',
    '200,000 – 300,000',
    '40',
  ]);
  expect(alt).toBe(
    'Operations a second of one core: aes-cmac protecting 1,000,000 at 0 bytes to 500,000 at 1,000 bytes and opening 500,000 at 0 bytes to 250,000 at 1,000 bytes.',
  );
});

test('both files follow the light or dark scheme, load nothing and run nothing', async () => {
  const report = { ...reportOf(['<b>&"'], [16, 64]), machine: '<script>\u001B[31m' };
  for (const text of [await payloadSvg(report), await payloadHtml(report)]) {
    expect(text).toContain('prefers-color-scheme:dark');
    expect(text).toContain(`--surface:${ROLES.surface.dark}`);
    expect(text).toContain('var(--part-1, #27548f)');
    expect(text).not.toMatch(/NaN|undefined|\[object|<script|<b>|https?:\/\/(?!www\.w3\.org)/);
    expect(text).not.toContain('\u001B');
  }
});
