import { modeInWords } from '../mode-name.ts';
import { ROLES, type ModeStyle } from '../palette.ts';
import { drawing, widthOf, type Drawing, type Size } from './chart.ts';
import { placeLabels } from './labels.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE, textWidth } from './theme.ts';

/** The percentiles of one mode: x = 1 / (1 − p). */
export interface Line {
  mode: string;
  style: ModeStyle;
  count: number;
  maxMs: number;
  points: { x: number; ms: number }[];
}

/** Percentiles that are marked on the axis. */
const MARKED = [50, 90, 99, 99.9, 99.99, 99.999];

/** Lines whose ranges overlap share a panel. */
function panelsOf(lines: readonly Line[]): Line[][] {
  const low = (line: Line): number => Math.min(...line.points.map(({ ms }) => ms));
  const panels: { high: number; lines: Line[] }[] = [];
  for (const line of lines.toSorted((a, b) => low(a) - low(b))) {
    const last = panels.at(-1);
    if (last !== undefined && low(line) <= last.high) {
      last.lines.push(line);
      last.high = Math.max(last.high, line.maxMs);
    } else panels.push({ high: line.maxMs, lines: [line] });
  }
  const groups = panels.map((panel) => panel.lines);
  return groups.length > 4 ? [lines.slice()] : groups.reverse();
}

const PANEL_GAP = 22;
const LABEL_HEIGHT = 16;

export function drawPercentiles(lines: Line[], size: Size): Drawing {
  const narrow = size === 'narrow';
  const panels = panelsOf(lines);
  const labelWidth = Math.min(
    narrow ? 116 : 200,
    Math.max(...lines.map(({ mode }) => textWidth(modeInWords(mode), TEXT_SIZE, 'bold'))),
  );
  const padding = { left: 44, right: labelWidth + 22, top: 24, bottom: 44 };
  const xEnd = Math.max(...lines.map(({ count }) => count));
  const domains = panels.map((panel) => rangeOf(panel));
  const widest = Math.max(...domains.map(([low, high]) => high - low));
  // A panel of one flat line still needs room for its axis.
  const needed = domains.map(([low, high]) => Math.max(high - low, widest * 0.22, 0.01));
  const pixelsPerMs = (narrow ? 320 : 360) / needed.reduce((sum, span) => sum + span, 0);
  // A panel of many lines needs room for their names; it shows more milliseconds then, each as high as elsewhere.
  const heights = needed.map((span, index) =>
    Math.max(Math.round(span * pixelsPerMs), (panels[index]?.length ?? 0) * LABEL_HEIGHT),
  );
  const spans = heights.map((height) => height / pixelsPerMs);
  const innerHeight = heights.reduce((sum, height) => sum + height, (panels.length - 1) * PANEL_GAP);
  return drawing({ width: widthOf(size, false), innerHeight, padding }, ({ width }) => ({
    spacing: PANEL_GAP,
    bounds: 'flush',
    vconcat: panels.map((panel, index) => {
      const [[low, high], span, height] = [domains[index] ?? [0, 1], spans[index] ?? 1, heights[index] ?? 1];
      const from = Math.max(0, (low + high - span) / 2);
      const frame: Frame = { width, height, xEnd, domain: [from, from + span], labelWidth, narrow };
      return panelSpec(panel, frame, { first: index === 0, last: index === panels.length - 1 });
    }),
  }));
}

function rangeOf(panel: readonly Line[]): [number, number] {
  const values = panel.flatMap(({ points, maxMs }) => [maxMs, ...points.map(({ ms }) => ms)]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low) * 0.08;
  return [Math.max(0, low - air), high + air];
}

interface Frame {
  width: number;
  height: number;
  xEnd: number;
  domain: [number, number];
  labelWidth: number;
  narrow: boolean;
}

function panelSpec(lines: Line[], frame: Frame, place: { first: boolean; last: boolean }): object {
  const nines = MARKED.map((percentile) => ({ x: 100 / (100 - percentile) })).filter(
    ({ x }) => x <= frame.xEnd && (!frame.narrow || x >= 10 || frame.xEnd < 20),
  );
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { type: 'log', domain: [1, frame.xEnd], nice: false },
    axis: {
      values: [...(frame.narrow ? [] : [1]), ...nines.map((nine) => nine.x)],
      labelExpr: "format(100 * (1 - 1 / datum.value), '.6~f') + ' %'",
      labels: place.last,
      title: place.last ? 'percentile of the samples' : null,
      ticks: place.last,
      domain: place.last,
      labelOverlap: false,
    },
  };
  const y = {
    field: 'ms',
    type: 'quantitative',
    scale: { domain: frame.domain, nice: false, zero: false },
    axis: { title: null, tickCount: Math.max(3, Math.round(frame.height / 40)), domain: false, ticks: false },
  };
  const color = { field: 'color', type: 'nominal', scale: null };
  const points = lines.flatMap(({ mode, style, points }) =>
    points.map((point) => ({ ...point, mode, color: style.color })),
  );
  const gaps = lines.flatMap(({ mode, style, maxMs, count, points }) =>
    [points.at(-1), { x: count, ms: maxMs }].map((point) => ({ ...point, mode, color: style.color })),
  );
  const tops = lines.map(({ mode, style, maxMs, count }) => ({
    mode,
    color: style.color,
    ms: maxMs,
    x: count,
  }));
  return {
    width: frame.width,
    height: frame.height,
    layer: [
      ...lines.map(({ mode, style }) => ({
        data: { values: points.filter((point) => point.mode === mode) },
        mark: {
          type: 'line',
          interpolate: 'step-after',
          strokeWidth: 2,
          strokeDash: style.dash,
          color: style.color,
        },
        encoding: { x, y },
      })),
      {
        data: { values: gaps },
        mark: { type: 'line', strokeWidth: 1, strokeDash: [1, 4], opacity: 0.7 },
        encoding: { x, y, detail: { field: 'mode' }, color },
      },
      {
        data: { values: tops },
        mark: { type: 'point', filled: false, strokeWidth: 1.5, size: 36 },
        encoding: { x, y, color },
      },
      ...labelLayers(lines, frame),
      ...(place.first
        ? [
            {
              mark: {
                type: 'text',
                align: 'left',
                color: ROLES.muted.light,
                fontSize: SMALL_SIZE,
                text: 'ms to first data',
              },
              encoding: { x: { value: -40 }, y: { value: -13 } },
              data: { values: [{}] },
            },
          ]
        : []),
    ],
  };
}

/** The names of the lines to the right of them, none over another, joined to the ends of the lines. */
function labelLayers(lines: readonly Line[], { width, height, xEnd, domain, labelWidth }: Frame): object[] {
  const yOf = (value: number): number => height * (1 - (value - domain[0]) / (domain[1] - domain[0]));
  const xOf = (value: number): number => (width * Math.log(value)) / Math.log(xEnd);
  const wishes = lines.map(({ maxMs }) => ({ y: yOf(maxMs), height: LABEL_HEIGHT }));
  const places = placeLabels(wishes, 0, height);
  const values = lines.map(({ mode, style, count }, index) => ({
    name: shortened(modeInWords(mode), labelWidth, TEXT_SIZE),
    color: style.color,
    x: xOf(count) + 5,
    y: wishes[index]?.y ?? 0,
    x2: width + 13,
    y2: places[index] ?? 0,
  }));
  const pixel = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const color = { field: 'color', type: 'nominal', scale: null };
  return [
    {
      data: { values },
      mark: { type: 'rule', strokeWidth: 1, opacity: 0.5 },
      encoding: { x: pixel('x'), y: pixel('y'), x2: { field: 'x2' }, y2: { field: 'y2' }, color },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 3, fontWeight: 600 },
      encoding: { x: pixel('x2'), y: pixel('y2'), text: { field: 'name' }, color },
    },
  ];
}
