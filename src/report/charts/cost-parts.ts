import { costParts, type CostParts } from '../cost-parts.ts';
import { enumeration, ms, msText, signedMs } from '../format.ts';
import { handshakeGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, PARTS, ROLES, type ModeStyle } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { legendOf, rowsOf } from './rows.ts';
import { haloed, textWidth, TEXT_SIZE } from './theme.ts';

/** First data taken apart: trips, serialization, compute and the rest, and what they do not explain. */
export const costPartsChart: ChartKind = {
  id: 'cost-parts',
  of: (results) => {
    const styles = modeStyles(modesOf(results));
    return handshakeGroups(results).flatMap((group) => {
      const parts = costParts(results, group);
      return parts.length === 0 ? [] : [chartOf(group, parts, styles)];
    });
  },
};

function chartOf(group: Group, parts: CostParts[], styles: Map<string, ModeStyle>): Chart {
  const parted = parts.some(({ restMs }) => restMs !== undefined);
  return {
    id: `cost-parts-${group.id}`,
    title: `What first data is made of, ${group.label}`,
    caption: `Median of first data in milliseconds at ${groupWords(group)}, taken apart. Trips: trips of theory × measured one-way delay. Serialization: bytes of the flights at the link’s rate, headers of TCP and IP included${rated(group) ? '' : ' (this link has no rate: 0)'}. ${parted ? 'Compute and the rest: the median over the null link of the same run, less that link’s own trips, never below 0. Residual: what these leave' : 'This run has no samples over a null link, so compute and all else stand together in the residual: what these leave'}; where they add up to more than was measured, the residual is negative, and what is too much is outlined beyond the median.`,
    alt: `Parts of first data by mode: ${enumeration(parts.map(inWords))}.`,
    table: partsTable(parts),
    groupId: group.id,
    half: false,
    draw: (size) => draw(parts, styles, size),
  };
}

function rated({ link }: Group): boolean {
  return link?.requested.rateUpKbit !== undefined || link?.requested.rateDownKbit !== undefined;
}

function inWords({ cell, p50Ms, tripsMs, serializationMs, restMs, residualMs }: CostParts): string {
  const rest = restMs === undefined ? '' : `, compute and the rest ${msText(restMs)}`;
  return `${cell.mode} ${msText(p50Ms)} (trips ${msText(tripsMs)}, serialization ${msText(serializationMs)}${rest}, residual ${signedMs(residualMs)} ms)`;
}

/** The parts as a table; they add up to the median. */
export function partsTable(parts: readonly CostParts[]): Table {
  return {
    columns: columnsOf(
      'mode',
      '#p50 ms',
      '#trips ms',
      '#serialization ms',
      '#compute and the rest ms',
      '#residual ms',
    ),
    rows: parts.map(({ cell, p50Ms, tripsMs, serializationMs, restMs, residualMs }) => ({
      cells: [cell.mode, ms(p50Ms), ms(tripsMs), ms(serializationMs), ms(restMs), signedMs(residualMs)],
    })),
  };
}

interface Segment {
  from: number;
  to: number;
  color: string;
  /** More than was measured: outlined, not filled. */
  over: boolean;
}

/** A bar's segments in order: filled up to the median, outlined where the parts come to more than that. */
function segmentsOf({ p50Ms, tripsMs, serializationMs, restMs = 0, residualMs }: CostParts): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  const explained = [
    { value: tripsMs, color: PARTS.trips.light },
    { value: serializationMs, color: PARTS.serialization.light },
    { value: restMs, color: PARTS.compute.light },
  ];
  for (const { value, color } of explained) {
    const to = at + value;
    if (Math.min(to, p50Ms) > at) segments.push({ from: at, to: Math.min(to, p50Ms), color, over: false });
    if (to > p50Ms) segments.push({ from: Math.max(at, p50Ms), to, color, over: true });
    at = to;
  }
  if (residualMs > 0 && at < p50Ms)
    segments.push({ from: at, to: p50Ms, color: PARTS.residual.light, over: false });
  return segments.filter(({ from, to }) => to > from);
}

const LEGEND = [
  { name: 'trips', color: PARTS.trips.light },
  { name: 'serialization', color: PARTS.serialization.light },
  { name: 'compute and the rest', color: PARTS.compute.light },
  { name: 'residual', color: PARTS.residual.light },
];

function draw(parts: readonly CostParts[], styles: Map<string, ModeStyle>, size: Size): Drawing {
  const narrow = size === 'narrow';
  const width = widthOf(size, false);
  const figures = parts.map(({ p50Ms, residualMs }) => `${msText(p50Ms)} (${signedMs(residualMs)})`);
  const figureWidth = Math.max(...figures.map((text) => textWidth(text, TEXT_SIZE, 'bold')));
  const layout = (top: number) =>
    rowsOf(
      parts.map(({ cell }) => cell.mode),
      styles,
      { size, right: narrow ? 10 : figureWidth + 12, top, nameRoom: width - figureWidth - 24 },
    );
  const { left } = layout(0).padding;
  const entries = LEGEND.filter(
    ({ name }) =>
      (name !== 'serialization' || parts.some(({ serializationMs }) => serializationMs > 0)) &&
      (name !== 'compute and the rest' || parts.some(({ restMs }) => restMs !== undefined)),
  );
  const legend = legendOf(entries, { left: 0, width: width - left });
  const { padding, innerHeight, places, names } = layout(legend.height + 6);
  const segments = parts.map(segmentsOf);
  const maxMs = Math.max(0.001, ...segments.flat().map(({ to }) => to));
  const scale = { domain: [0, maxMs], nice: false };
  const axis = {
    title: 'ms from the intended start to first data',
    grid: false,
    tickCount: narrow ? 5 : 9,
    format: maxMs < 10 ? '.1f' : ',d',
  };
  const x = (field: string): object => ({ field, type: 'quantitative', scale, axis });
  const y = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const color = { field: 'color', type: 'nominal', scale: null };
  const bars = segments.flatMap((own, index) => own.map((segment) => ({ ...segment, ...places[index] })));
  const ends = parts.map(({ p50Ms }, index) => ({
    ...places[index],
    p50Ms,
    text: figures[index],
    markTop: (places[index]?.barTop ?? 0) - 3,
    markBottom: (places[index]?.barBottom ?? 0) + 3,
    labelY: narrow ? (places[index]?.barTop ?? 0) - 11 : (places[index]?.middle ?? 0),
    end: Math.max(...(segments[index] ?? []).map(({ to }) => to), 0),
  }));
  const bar = { x: x('from'), x2: { field: 'to' }, y: y('barTop'), y2: { field: 'barBottom' } };
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
        data: { values: ends },
        mark: { type: 'rule', strokeWidth: 2, color: ROLES.ink.light },
        encoding: { x: x('p50Ms'), y: y('markTop'), y2: { field: 'markBottom' } },
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
          text: { field: 'text' },
        },
      }),
    ],
  }));
}
