import type { ModeStyle } from '../palette.ts';
import { drawing, widthOf, type Drawing, type Size } from './chart.ts';
import { legendOf, rowsOf, type LegendEntry } from './rows.ts';
import { haloed, SMALL_SIZE, textWidth } from './theme.ts';

/** Two bars of one mode, one above the other. */
export interface PairedRow {
  mode: string;
  bars: readonly [PairedBar, PairedBar];
}

export interface PairedBar {
  /** From 0 on. */
  value: number;
  /** Stands at its end. */
  label: string;
}

/** Two bars with a figure each. */
const BAR = 26;

/** Draws two bars for each mode, whose colours a legend explains. */
export function drawPaired(
  rows: readonly PairedRow[],
  styles: ReadonlyMap<string, ModeStyle>,
  { legend: entries, axis }: { legend: readonly [LegendEntry, LegendEntry]; axis: string },
  size: Size,
): Drawing {
  const width = widthOf(size, false);
  const most = Math.max(1, ...rows.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const labels = rows.flatMap(({ bars }) => bars.map(({ label }) => textWidth(label, SMALL_SIZE)));
  const right = Math.max(0, ...labels) + 16;
  const modes = rows.map(({ mode }) => mode);
  const { left } = rowsOf(modes, styles, { size, right }).padding;
  const legend = legendOf(entries, { left: 0, width: width - left });
  const { padding, innerHeight, places, names } = rowsOf(modes, styles, {
    size,
    right,
    top: legend.height + 6,
    bar: BAR,
  });
  const values = rows.flatMap(({ bars: [upper, lower] }, index) => {
    const { barTop = 0, barBottom = 0, middle = 0 } = places[index] ?? {};
    return [
      { ...upper, top: barTop, bottom: middle - 0.5, color: entries[0].color },
      { ...lower, top: middle + 0.5, bottom: barBottom, color: entries[1].color },
    ].map((bar) => ({ ...bar, zero: 0, labelY: (bar.top + bar.bottom) / 2 }));
  });
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, most], nice: false },
    axis: { title: axis, grid: false, tickCount: size === 'narrow' ? 4 : 8, format: ',d' },
  });
  const y = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  return drawing({ width, innerHeight, padding }, (inner) => ({
    ...inner,
    data: { values },
    layer: [
      ...legend.layers,
      {
        mark: { type: 'rect' },
        encoding: {
          x: x('zero'),
          x2: { field: 'value' },
          y: y('top'),
          y2: { field: 'bottom' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
      },
      ...names,
      ...haloed({
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 6, fontSize: SMALL_SIZE },
        encoding: { x: x('value'), y: y('labelY'), text: { field: 'label' } },
      }),
    ],
  }));
}
