import type { HistoryEntry } from '../../history/entry.ts';
import type { KindedChart } from '../charts/index.ts';
import { drawing, widthOf, type Drawing, type Size } from '../charts/chart.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE, textWidth } from '../charts/theme.ts';
import { enumeration, fixed, ms, msText, NONE, slug } from '../format.ts';
import { counted } from '../../words.ts';
import { modeInWords } from '../mode-name.ts';
import { modeStyles, ROLES } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import { panelOf, PANEL, type Panel } from './panel.ts';
import { changedSurroundings, headlineOf, runName, type Trend } from './trends.ts';

/** What a chart of trends follows: what a cell is about, or CONNACK. */
export type Trended = 'headline' | 'connack';

/** The medians of cells over the runs, a panel each with a scale of its own: changes of 1 % are to be seen beside 200 ms. */
export function trendChart(
  history: readonly HistoryEntry[],
  trends: readonly Trend[],
  { place, what }: { place: string; what: Trended },
): KindedChart {
  const styles = modeStyles(trends.map(({ mode }) => mode));
  const places = new Set(trends.map((trend) => trend.place));
  const panels = trends.flatMap((trend) =>
    panelOf(trend, {
      what: what === 'connack' ? 'connackReceived' : headlineOf(trend),
      // Where several links stand in one picture, their panels say which.
      name: places.size === 1 ? modeInWords(trend.mode) : `${modeInWords(trend.mode)} · ${trend.place}`,
      color: styles.get(trend.mode)?.color ?? ROLES.ink.light,
    }),
  );
  const told = what === 'connack' ? 'CONNACK' : 'First data';
  return {
    kind: 'trend',
    id: slug(`trend-${what}-${place}`),
    title: `${told} over ${counted(history.length, 'run')}${place === '' ? '' : `, ${place}`}`,
    caption: `Medians of each run, in milliseconds, oldest on the left, one as far from the next as the other; upright lines are their 95 % intervals. Each panel has a scale of its own, which does not begin at 0 and spans 2 % or 2 ms at least. A dashed upright line: machine, versions or tool are others than in the run before. A ring: the link was not what was asked for.`,
    alt: `${told} over ${counted(history.length, 'run')}: ${enumeration(
      panels.map(
        ({ name, points }) => `${name} from ${msText(points[0]?.p50)} to ${msText(points.at(-1)?.p50)}`,
      ),
    )}.`,
    table: tableOf(history, panels),
    groupId: '',
    half: false,
    draw: (size) => draw(history, panels, size),
  };
}

function tableOf(history: readonly HistoryEntry[], panels: readonly Panel[]): Table {
  return {
    columns: columnsOf('run', ...panels.map(({ name }) => `#${name}`)),
    rows: history.map((entry, index) => ({
      cells: [
        runName(entry),
        ...panels.map(({ points }) => {
          const point = points.find(({ at }) => at === index);
          return point === undefined ? NONE : `${ms(point.p50)} (n ${point.count})`;
        }),
      ],
    })),
  };
}

function draw(history: readonly HistoryEntry[], panels: readonly Panel[], size: Size): Drawing {
  const narrow = size === 'narrow';
  const ends = panels.map(({ points }) => msText(points.at(-1)?.p50));
  const endWidth = Math.max(40, ...ends.map((text) => textWidth(text, TEXT_SIZE, 'bold')));
  const padding = { left: 50, right: endWidth + 16, top: 8, bottom: 46 };
  const innerHeight = Math.max(1, panels.length) * PANEL.height;
  const total = { width: widthOf(size, false), innerHeight, padding };
  const innerWidth = total.width - Math.round(padding.left) - Math.round(padding.right);
  const xOf = (at: number): number =>
    history.length === 1 ? innerWidth / 2 : 8 + (at / (history.length - 1)) * (innerWidth - 16);
  const pixel = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const line = { x: pixel('x'), y: pixel('y') };
  const color = { field: 'color', type: 'nominal', scale: null };
  const points = panels.flatMap((panel, index) =>
    panel.points.map((point) => ({
      cell: panel.id,
      color: panel.color,
      fill: point.calibrated ? panel.color : ROLES.surface.light,
      x: xOf(point.at),
      y: panel.yOf(point.p50, index),
      low: panel.yOf(point.low, index),
      high: panel.yOf(point.high, index),
    })),
  );
  const text = (values: object[], mark: object): object => ({
    data: { values },
    mark: { type: 'text', baseline: 'middle', ...mark },
    encoding: { ...line, text: { field: 'text' } },
  });
  const ticks = panels.flatMap((panel, index) =>
    panel.ticks.map((tick) => ({
      x: 0,
      x2: innerWidth,
      y: panel.yOf(tick, index),
      text: fixed(tick, panel.digits),
    })),
  );
  return drawing(total, (inner) => ({
    ...inner,
    layer: [
      {
        data: { values: ticks },
        mark: { type: 'rule', color: ROLES.grid.light },
        encoding: { ...line, x2: { field: 'x2' } },
      },
      text(ticks, { align: 'right', dx: -6, color: ROLES.muted.light, fontSize: SMALL_SIZE }),
      {
        data: {
          values: history.flatMap((entry, at) =>
            changedSurroundings(history[at - 1], entry)
              ? [{ x: (xOf(at) + xOf(at - 1)) / 2, y: 0, y2: inner.height }]
              : [],
          ),
        },
        mark: { type: 'rule', strokeDash: [4, 3], color: ROLES.axis.light },
        encoding: { ...line, y2: { field: 'y2' } },
      },
      {
        data: { values: points },
        layer: [
          {
            mark: { type: 'rule', strokeWidth: 3, opacity: 0.35 },
            encoding: { x: pixel('x'), y: pixel('low'), y2: { field: 'high' }, color },
          },
          {
            mark: { type: 'line', strokeWidth: 1.5 },
            encoding: { ...line, color, detail: { field: 'cell' } },
          },
          {
            mark: {
              type: 'point',
              filled: true,
              opacity: 1,
              size: history.length > 60 ? 14 : 36,
              strokeWidth: 1.5,
            },
            encoding: { ...line, fill: { ...color, field: 'fill' }, stroke: color },
          },
        ],
      },
      text(
        panels.map(({ name }, index) => ({
          x: 0,
          y: index * PANEL.height + 10,
          text: shortened(name, innerWidth, TEXT_SIZE),
        })),
        { align: 'left', fontWeight: 600 },
      ),
      text(
        panels.flatMap((panel, index) => {
          const last = panel.points.at(-1);
          return last === undefined
            ? []
            : [{ x: xOf(last.at), y: panel.yOf(last.p50, index), text: msText(last.p50) }];
        }),
        { align: 'left', dx: 9, fontWeight: 600 },
      ),
      ...runNames(history, { xOf, y: inner.height + 14, width: innerWidth, narrow }),
    ],
  }));
}

/** Names of as many runs as there is room for, evenly spread; the first and the last always. */
function runNames(
  history: readonly HistoryEntry[],
  { xOf, y, width, narrow }: { xOf: (at: number) => number; y: number; width: number; narrow: boolean },
): object[] {
  const slot = narrow ? 96 : 116;
  const most = Math.max(2, Math.floor(width / slot));
  const last = history.length - 1;
  const shown = [
    ...new Set(Array.from({ length: most }, (_, index) => Math.round((index / (most - 1)) * last))),
  ].filter((at) => at >= 0);
  return shown.flatMap((at) => {
    const entry = history[at];
    if (entry === undefined) return [];
    const align = last === 0 ? 'center' : at === 0 ? 'left' : at === last ? 'right' : 'center';
    const shift = align === 'left' ? -8 : align === 'right' ? 8 : 0;
    return [
      {
        data: { values: [{ text: shortened(runName(entry), slot - 8, SMALL_SIZE, 'normal') }] },
        mark: { type: 'text', align, baseline: 'middle', color: ROLES.muted.light, fontSize: SMALL_SIZE },
        encoding: { x: { value: xOf(at) + shift }, y: { value: y }, text: { field: 'text' } },
      },
    ];
  });
}
