import { axesInWords, modeName } from '../mode-name.ts';
import { ROLES, type ModeStyle } from '../palette.ts';
import type { Padding, Size } from './chart.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE, textWidth } from './theme.ts';

/** Where one mode's row of a bar chart has its parts, in pixels from the top of the plot. */
export interface RowPlace {
  barTop: number;
  barBottom: number;
  middle: number;
}

/** Rows of a bar chart, one a mode: names in a gutter on a desktop, above the bars on a phone. */
export interface Rows {
  padding: Padding;
  innerHeight: number;
  places: RowPlace[];
  /** The names, in the modes' colours, with their axes beside or under them. */
  names: object[];
}

const GUTTER = { least: 60, most: 210 };

export interface RowOptions {
  size: Size;
  /** Room for figures beside the bars. */
  right: number;
  /** Room above the rows. */
  top?: number;
  /** How high a bar is. */
  bar?: number;
  /** How wide a name may be on a phone, where figures may stand beside it. */
  nameRoom?: number;
}

/** Lays out the rows of these modes. */
export function rowsOf(
  modes: readonly string[],
  styles: ReadonlyMap<string, ModeStyle>,
  options: RowOptions,
): Rows {
  const names = modes.map((mode) => ({
    name: modeName(mode).family,
    more: axesInWords(mode),
    color: styles.get(mode)?.color ?? ROLES.ink.light,
  }));
  return namedRows(names, options);
}

/** What stands at a row: a name, and what is unusual about it. */
export interface RowName {
  name: string;
  more: string;
  color: string;
}

/** Lays out rows of these names. */
export function namedRows(
  rows: readonly RowName[],
  { size, right, top = 26, bar = size === 'narrow' ? 16 : 18, nameRoom = 300 }: RowOptions,
): Rows {
  const narrow = size === 'narrow';
  const rowHeight = bar + (narrow ? 30 : 18);
  const widest = Math.max(
    GUTTER.least,
    ...rows.flatMap(({ name, more }) => [textWidth(name, TEXT_SIZE, 'bold'), textWidth(more, SMALL_SIZE)]),
  );
  const gutter = Math.min(GUTTER.most, widest + 14);
  const places = rows.map((_, index): RowPlace => {
    const above = index * rowHeight;
    const barTop = above + (narrow ? 20 : 9);
    return { barTop, barBottom: barTop + bar, middle: barTop + bar / 2 };
  });
  const room = narrow ? nameRoom : gutter - 12;
  const labels = rows.map(({ name, more: axes, color }, index) => {
    const family = shortened(name, room, TEXT_SIZE);
    const familyWidth = textWidth(family, TEXT_SIZE, 'bold');
    const { middle = 0, barTop = 0 } = places[index] ?? {};
    const nameY = narrow ? barTop - 11 : axes === '' ? middle : middle - 7;
    return {
      family,
      axes: shortened(axes, narrow ? room - familyWidth - 6 : room, SMALL_SIZE, 'normal'),
      nameX: narrow ? 0 : -10,
      nameY,
      axesX: narrow ? familyWidth + 6 : -10,
      axesY: narrow ? nameY : middle + 8,
      color,
    };
  });
  const pixel = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const text = { type: 'text', align: narrow ? 'left' : 'right', baseline: 'middle' };
  return {
    padding: { left: narrow ? 2 : gutter, right, top, bottom: 40 },
    innerHeight: rows.length * rowHeight,
    places,
    names: [
      {
        data: { values: labels },
        mark: { ...text, fontWeight: 600 },
        encoding: {
          x: pixel('nameX'),
          y: pixel('nameY'),
          text: { field: 'family' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
      },
      {
        data: { values: labels },
        mark: { ...text, fontSize: SMALL_SIZE, color: ROLES.muted.light },
        encoding: { x: pixel('axesX'), y: pixel('axesY'), text: { field: 'axes' } },
      },
    ],
  };
}

/** What a colour of a chart stands for. */
export interface LegendEntry {
  name: string;
  color: string;
}

const SWATCH = 10;

/** A legend above the plot, in one line or in several where it would not fit. Answers its layers and its height. */
export function legendOf(
  entries: readonly LegendEntry[],
  { left, width }: { left: number; width: number },
): { layers: object[]; height: number } {
  let [x, line] = [0, 0];
  const values = entries.map((entry) => {
    const own = SWATCH + 6 + textWidth(entry.name, SMALL_SIZE) + 14;
    if (x > 0 && x + own > width) [x, line] = [0, line + 1];
    const place = { ...entry, x: left + x, textX: left + x + SWATCH + 6, line };
    x += own;
    return place;
  });
  const height = (line + 1) * 18;
  const placed = values.map((value) => {
    const y = -height - 6 + value.line * 18 + 9;
    return { ...value, x2: value.x + SWATCH, y, top: y - SWATCH / 2, bottom: y + SWATCH / 2 };
  });
  const pixel = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  return {
    height: height + 10,
    layers: [
      {
        data: { values: placed },
        mark: { type: 'rect' },
        encoding: {
          x: pixel('x'),
          x2: { field: 'x2' },
          y: pixel('top'),
          y2: { field: 'bottom' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
      },
      {
        data: { values: placed },
        mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: SMALL_SIZE },
        encoding: { x: pixel('textX'), y: pixel('y'), text: { field: 'name' } },
      },
    ],
  };
}
