import type { Config } from 'vega-lite';
import { ROLES } from '../palette.ts';

/** Fonts that every system has; pictures carry none of their own. */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export const TEXT_SIZE = 12;
export const SMALL_SIZE = 11;

/** Mean width of a character in ems, of a wide system font (DejaVu Sans); layout without a browser cannot measure. */
const CHARACTER_EMS = { normal: 0.56, bold: 0.64 };
/** How much wider capitals are. */
const CAPITAL_EMS = 0.12;

/** About how wide a text is, in pixels, rather too much than too little. */
export function textWidth(text: string, size: number, weight: 'normal' | 'bold' = 'normal'): number {
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0;
  return size * (text.length * CHARACTER_EMS[weight] + capitals * CAPITAL_EMS);
}

/**
 * A text, bold unless told, that has an ellipsis in its middle where it would be wider than `width` pixels: names of
 * modes begin alike, and end so too, but seldom both.
 */
export function shortened(
  text: string,
  width: number,
  size: number,
  weight: 'normal' | 'bold' = 'bold',
): string {
  if (textWidth(text, size, weight) <= width) return text;
  for (let kept = text.length - 1; kept > 1; kept--) {
    const head = Math.ceil(kept * 0.6);
    const short = `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
    if (textWidth(short, size, weight) <= width) return short;
  }
  return `${text.slice(0, 1)}…`;
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
