import type { CellResult } from '../../results/schema.ts';
import { msText } from '../format.ts';
import { goalOf } from '../goal.ts';
import { modeInWords } from '../mode-name.ts';
import { ROLES, type ModeStyle } from '../palette.ts';
import { tripsInWords } from '../trips.ts';
import type { SequenceLayout, SideLabel } from './sequence-layout.ts';
import { placeLabels } from './labels.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE, textWidth } from './theme.ts';

/** One diagram that is laid out; `bottom` is where its life lines end. */
export interface Panel {
  cell: CellResult;
  style: ModeStyle;
  layout: SequenceLayout;
  bottom: number;
}

const X = pixel('x');
const Y = pixel('y');
const LINE = { x: X, y: Y, x2: { field: 'x2' }, y2: { field: 'y2' } };
const COLOR = { field: 'color', type: 'nominal', scale: null };
const ARROW_HEAD = 'M0,0L-1,-0.42L-1,0.42Z';

function pixel(field: string): object {
  return { field, type: 'quantitative', scale: null, axis: null };
}

/** The Vega-Lite layers of one diagram, from the ground up. */
export function panelLayers(panel: Panel): object[] {
  const { layout, style } = panel;
  return [
    ...bandLayers(layout),
    ...headerLayers(panel),
    ...arrowLayers(layout),
    ...layout.labels.flatMap(labelLayers),
    ...goalLayers(layout, style),
  ];
}

function bandLayers({ bands, clientX, nextX }: SequenceLayout): object[] {
  const named = bands.filter(({ y, y2 }) => y2 - y > 24);
  return [
    {
      data: { values: bands.map((band) => ({ ...band, x: clientX, x2: nextX })) },
      mark: { type: 'rect', color: ROLES.band.light },
      encoding: LINE,
    },
    {
      data: { values: bands.slice(1).map(({ y }) => ({ x: clientX, x2: nextX, y, y2: y })) },
      mark: { type: 'rule', color: ROLES.surface.light, strokeWidth: 2 },
      encoding: LINE,
    },
    // A stretch begins with a flight of the client's, which leaves the corner at the other end free.
    text(
      named.map(({ name, y }) => ({ x: nextX - 6, y: y + 10, text: name })),
      { align: 'right', color: ROLES.muted.light, fontSize: 10 },
    ),
  ];
}

function headerLayers({ layout, cell, style, bottom }: Panel): object[] {
  const { clientX, farX, lines, top } = layout;
  const middle = (clientX + farX) / 2;
  const { milestone, noun } = goalOf(cell);
  const trips = cell.trips[milestone];
  const title = {
    x: middle,
    y: top - 56,
    text: shortened(modeInWords(cell.mode), 280, 15),
    color: style.color,
  };
  const theory =
    trips === undefined ? [] : [{ x: middle, y: top - 39, text: `${tripsInWords(trips)} to ${noun}` }];
  const ends = lines.map(({ x }) => ({ x, x2: x, y: top - 10, y2: bottom }));
  // Each stands over its line, unless they would touch.
  const wishes = lines.map(({ name, x }) => ({ y: x, height: textWidth(name, TEXT_SIZE) + 8 }));
  const middles = placeLabels(wishes, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const names = lines.map(({ name, x }, index) => ({ x: middles[index] ?? x, y: top - 10, text: name }));
  return [
    {
      data: { values: ends },
      mark: { type: 'rule', color: ROLES.axis.light, strokeWidth: 2 },
      encoding: LINE,
    },
    text(names, { dy: -9, color: ROLES.muted.light, fontWeight: 600 }),
    text([title], { fontSize: 15, fontWeight: 700 }, COLOR),
    text(theory, { color: ROLES.muted.light, fontSize: SMALL_SIZE }),
  ];
}

function arrowLayers({ arrows, goal }: SequenceLayout): object[] {
  const real = arrows.filter(({ kind }) => kind !== 'predicted');
  // The dot of what the connection is for stands where that flight's head would be.
  const heads = real.filter(({ x2, y2 }) => goal === undefined || x2 !== goal.x || Math.abs(y2 - goal.y) > 9);
  return [
    {
      data: { values: arrows.filter(({ kind }) => kind === 'predicted') },
      mark: { type: 'rule', strokeDash: [4, 3], strokeWidth: 1 },
      encoding: { ...LINE, color: COLOR },
    },
    {
      data: { values: real.map((arrow) => ({ ...arrow, opacity: arrow.kind === 'modelled' ? 0.5 : 1 })) },
      mark: { type: 'rule', strokeWidth: 2 },
      encoding: { ...LINE, color: COLOR, opacity: { field: 'opacity', type: 'quantitative', scale: null } },
    },
    {
      data: { values: heads },
      mark: { type: 'point', filled: true, opacity: 1, shape: ARROW_HEAD, size: 420 },
      encoding: {
        x: pixel('x2'),
        y: pixel('y2'),
        angle: { field: 'angle', type: 'quantitative', scale: null },
        color: COLOR,
      },
    },
  ];
}

function labelLayers({ x, y, fromX, fromY, head, lines, color, strong, align }: SideLabel): object[] {
  const away = Math.abs(y - fromY) > 5 || Math.abs(x - fromX) > 20;
  const leader = { x: fromX, y: fromY, x2: x + (x < fromX ? 2 : -2), y2: y };
  return [
    {
      data: { values: away ? [leader] : [] },
      mark: { type: 'rule', color: ROLES.axis.light, strokeWidth: 1 },
      encoding: LINE,
    },
    text(
      [{ x, y, text: head, color }],
      { align, fontSize: strong ? TEXT_SIZE + 3 : TEXT_SIZE, fontWeight: 700 },
      COLOR,
    ),
    text(
      [{ x, y: y + 14, text: lines, color: strong ? color : ROLES.muted.light }],
      { align, fontSize: SMALL_SIZE, lineHeight: 13, fontWeight: strong ? 600 : 400 },
      COLOR,
    ),
  ];
}

function goalLayers({ goal }: SequenceLayout, { color }: ModeStyle): object[] {
  if (goal === undefined) return [];
  return [dot({ x: goal.x, y: goal.y }, { color, stroke: ROLES.surface.light })];
}

function dot(at: { x: number; y: number }, mark: object): object {
  return {
    data: { values: [at] },
    mark: { type: 'point', filled: true, opacity: 1, size: 150, strokeWidth: 2, ...mark },
    encoding: { x: X, y: Y },
  };
}

/** Beside the quicker of two modes: where the slower one has its first data, and what that costs. */
export function savingLayers(panels: readonly Panel[], pixelsPerMs: number): object[] {
  const [early, late] = panels.toSorted((a, b) => (a.layout.goal?.ms ?? 0) - (b.layout.goal?.ms ?? 0));
  const [from, to] = [early?.layout.goal, late?.layout.goal];
  if (early === undefined || late === undefined || from === undefined || to === undefined) return [];
  const { farX, clientX, top, labels } = early.layout;
  // Refusals are at the client, whose side has no room for it.
  if (from.x !== farX) return [];
  const y = top + to.ms * pixelsPerMs;
  // Without room between the two there is little to tell, and the labels would stand on one another.
  const lowest = Math.max(...labels.map((label) => label.y + 14 + label.lines.length * 13));
  if (y < lowest + 8 || y < early.layout.lastY + 24) return [];
  const { color } = late.style;
  const at = { x: farX + 10, color };
  const cost = msText(to.ms - from.ms);
  return [
    {
      data: { values: [{ x: farX, x2: farX, y: from.y, y2: y }] },
      mark: { type: 'rule', color, strokeWidth: 3 },
      encoding: LINE,
    },
    dot({ x: farX, y }, { color: ROLES.surface.light, stroke: color, size: 110 }),
    dot({ x: farX, y: from.y }, { color: early.style.color, stroke: ROLES.surface.light }),
    text([{ ...at, y, text: msText(to.ms) }], { align: 'left', fontWeight: 700 }, COLOR),
    text(
      [{ ...at, y: y + 14, text: shortened(modeInWords(late.cell.mode), 120, SMALL_SIZE) }],
      { align: 'left', fontSize: SMALL_SIZE },
      COLOR,
    ),
    text(
      [{ x: farX - 14, y, text: farX - clientX < 130 ? [cost, 'later'] : `${cost} later`, color }],
      { align: 'right', fontWeight: 700, lineHeight: 14 },
      COLOR,
    ),
  ];
}

function text(values: object[], mark: object, color?: object): object {
  return {
    data: { values },
    mark: { type: 'text', baseline: 'middle', ...mark },
    encoding: { x: X, y: Y, text: { field: 'text' }, ...(color === undefined ? {} : { color }) },
  };
}
