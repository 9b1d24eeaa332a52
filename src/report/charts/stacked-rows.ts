import type { ModeStyle } from '../palette.ts';
import { ROLES } from '../palette.ts';
import { drawing, widthOf, type Drawing, type Size } from './chart.ts';
import { legendOf, rowsOf, type LegendEntry } from './rows.ts';
import { haloed, textWidth, TEXT_SIZE } from './theme.ts';

/** A part of a bar. */
export interface Segment {
  from: number;
  to: number;
  color: string;
  /** Outlined, not filled: more than there is. */
  over?: boolean;
}

/** Parts one after another, from 0 on; those of nothing are left out. */
export function stacked(parts: readonly { value: number; color: string }[]): Segment[] {
  let at = 0;
  return parts.flatMap(({ value, color }) => {
    const from = at;
    at += value;
    return value > 0 ? [{ from, to: at, color }] : [];
  });
}

/** A bar that is made of parts, one for each mode. */
export interface StackedRow {
  mode: string;
  segments: Segment[];
  /** Stands at the end of the bar. */
  figure: string;
  /** What was predicted of the whole; drawn as an upright mark. */
  mark?: number | undefined;
}

/** Draws bars of parts, one below the other, with a legend above them. */
export function drawStacked(
  rows: readonly StackedRow[],
  styles: ReadonlyMap<string, ModeStyle>,
  { legend: entries, axis }: { legend: readonly LegendEntry[]; axis: string },
  size: Size,
): Drawing {
  const narrow = size === 'narrow';
  const width = widthOf(size, false);
  const figureWidth = Math.max(...rows.map(({ figure }) => textWidth(figure, TEXT_SIZE, 'bold')));
  const layout = (top: number) =>
    rowsOf(
      rows.map(({ mode }) => mode),
      styles,
      { size, right: narrow ? 10 : figureWidth + 12, top, nameRoom: width - figureWidth - 24 },
    );
  const { left } = layout(0).padding;
  const legend = legendOf(entries, { left: 0, width: width - left });
  const { padding, innerHeight, places, names } = layout(legend.height + 6);
  const bars = rows.flatMap(({ segments }, index) =>
    segments.map((segment) => ({ over: false, ...segment, ...places[index] })),
  );
  const ends = rows.map(({ segments, figure, mark }, index) => {
    const { barTop = 0, barBottom = 0, middle = 0 } = places[index] ?? {};
    return {
      figure,
      mark: mark ?? null,
      end: Math.max(mark ?? 0, ...segments.map(({ to }) => to)),
      markTop: barTop - 4,
      markBottom: barBottom + 4,
      labelY: narrow ? barTop - 11 : middle,
    };
  });
  const most = Math.max(0.001, ...ends.map(({ end }) => end));
  const scale = { domain: [0, most], nice: false };
  const ticks = { grid: false, tickCount: narrow ? 4 : 9, format: most < 10 ? '.1f' : ',d' };
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    scale,
    axis: { title: axis, ...ticks },
  });
  const y = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const bar = { x: x('from'), x2: { field: 'to' }, y: y('barTop'), y2: { field: 'barBottom' } };
  const color = { field: 'color', type: 'nominal', scale: null };
  return drawing({ width, innerHeight, padding }, (inner) => ({
    ...inner,
    layer: [
      ...legend.layers,
      {
        data: { values: bars.filter(({ over }) => !over) },
        mark: { type: 'rect', stroke: ROLES.surface.light, strokeWidth: 1 },
        encoding: { ...bar, fill: color },
      },
      {
        data: { values: bars.filter(({ over }) => over) },
        mark: { type: 'rect', fill: ROLES.surface.light, strokeWidth: 1.5, strokeDash: [3, 2] },
        encoding: { ...bar, stroke: color },
      },
      {
        data: { values: ends.filter(({ mark }) => mark !== null) },
        mark: { type: 'rule', strokeWidth: 2, color: ROLES.ink.light },
        encoding: { x: x('mark'), y: y('markTop'), y2: { field: 'markBottom' } },
      },
      ...names,
      ...haloed({
        data: { values: ends },
        mark: {
          type: 'text',
          align: narrow ? 'right' : 'left',
          baseline: 'middle',
          fontWeight: 600,
          dx: narrow ? 0 : 8,
        },
        encoding: {
          x: narrow ? { value: inner.width } : x('end'),
          y: y('labelY'),
          text: { field: 'figure' },
        },
      }),
    ],
  }));
}
