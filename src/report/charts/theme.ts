import type { Config } from 'vega-lite';
import { ROLES } from '../palette.ts';

/** Fonts that every system has; pictures carry none of their own. */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export const TEXT_SIZE = 12;
export const SMALL_SIZE = 11;

/** Mean width of a character in ems, of a wide system font (DejaVu Sans); layout without a browser cannot measure. */
const CHARACTER_EMS = { normal: 0.56, bold: 0.64 };

/** About how wide a text is, in pixels, rather too much than too little. */
export function textWidth(text: string, size: number, weight: 'normal' | 'bold' = 'normal'): number {
  return text.length * size * CHARACTER_EMS[weight];
}

/** A bold text that is cut with an ellipsis where it would be wider than `width` pixels. */
export function shortened(text: string, width: number, size: number): string {
  const room = Math.floor(width / (size * CHARACTER_EMS.bold));
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}

/** A layer of text, and under it the same text as a wide stroke of the ground, so that lines do not run through it. */
export function haloed(layer: {
  mark: object;
  encoding: Record<string, unknown>;
  [key: string]: unknown;
}): object[] {
  const halo = { stroke: ROLES.surface.light, strokeWidth: 4, strokeJoin: 'round' };
  const { color: _color, ...encoding } = layer.encoding;
  return [{ ...layer, mark: { ...layer.mark, ...halo }, encoding }, layer];
}

/** What all charts have in common: quiet axes, no frame, text in the reader's own font. */
export const THEME: Config = {
  background: ROLES.surface.light,
  font: FONT,
  // The image as a whole has a label; thousands of labelled marks would drown a screen reader.
  aria: false,
  view: { stroke: null },
  axis: {
    domainColor: ROLES.axis.light,
    domainWidth: 1,
    gridColor: ROLES.grid.light,
    tickColor: ROLES.axis.light,
    labelColor: ROLES.muted.light,
    labelFontSize: SMALL_SIZE,
    labelPadding: 5,
    titleColor: ROLES.muted.light,
    titleFontSize: SMALL_SIZE,
    titleFontWeight: 'normal',
    titlePadding: 8,
    tickSize: 4,
  },
  text: { color: ROLES.ink.light, fontSize: TEXT_SIZE },
  legend: { disable: true },
};
