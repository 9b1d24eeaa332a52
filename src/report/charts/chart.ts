import type { TopLevelSpec } from 'vega-lite';
import type { CellResult, Results } from '../../results/schema.ts';
import type { Table } from '../tables.ts';

/** Widths that charts are drawn for: a desktop's column and a phone held upright, in CSS pixels. */
export const WIDTHS = { wide: 880, narrow: 328 } as const;
/** Half a desktop's column, for charts that stand side by side. */
export const HALF_WIDTH = 428;

export interface Padding {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A chart laid out for one width. Sizes are whole CSS pixels and include the padding. */
export interface Drawing {
  spec: TopLevelSpec;
  width: number;
  height: number;
  padding: Padding;
}

export type Size = 'wide' | 'narrow';

/** One picture of a report, with all that stands around it. Texts are plain, not HTML. */
export interface Chart {
  /** Unique in a report, fit for a file name. */
  id: string;
  title: string;
  /** What is drawn: both events, the unit, how many samples, measured or modelled. */
  caption: string;
  /** What the picture shows, for those who do not see it; the figures are in the table. */
  alt: string;
  table: Table;
  /** The group or the cell that it belongs to. */
  groupId: string;
  cell?: CellResult;
  /** Whether two of them stand side by side on a desktop. */
  half: boolean;
  draw(size: Size): Drawing;
}

/** A kind of chart: one file each, named in `index.ts`. */
export interface ChartKind {
  id: string;
  /** Its charts for these results; none where it does not apply. */
  of(results: Results): Chart[];
}

/** The total width of a chart in a size. */
export function widthOf(size: Size, half: boolean): number {
  return size === 'narrow' ? WIDTHS.narrow : half ? HALF_WIDTH : WIDTHS.wide;
}

/** A drawing of one view, or of panels one below the other, whose inner height is known. */
export function drawing(
  total: { width: number; innerHeight: number; padding: Padding },
  view: (inner: { width: number; height: number }) => object,
): Drawing {
  const { innerHeight, width } = total;
  const { left, right, top, bottom } = total.padding;
  // Widths of text are guesses in fractions; fractions of pixels would not add up to the whole width.
  const padding = { left: Math.round(left), right: Math.round(right), top, bottom };
  const inner = { width: width - padding.left - padding.right, height: innerHeight };
  const spec = { ...view(inner), padding, autosize: { type: 'none' } } as TopLevelSpec;
  return { spec, width, height: innerHeight + padding.top + padding.bottom, padding };
}
