import { costParts, type CostParts } from '../cost-parts.ts';
import { enumeration, ms, msText, signedMs } from '../format.ts';
import { handshakeGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, PARTS, type ModeStyle } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import type { Chart, ChartKind, Drawing, Size } from './chart.ts';
import { drawStacked, type Segment, type StackedRow } from './stacked-rows.ts';

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
  const legend = LEGEND.filter(
    ({ name }) =>
      (name !== 'serialization' || parts.some(({ serializationMs }) => serializationMs > 0)) &&
      (name !== 'compute and the rest' || parts.some(({ restMs }) => restMs !== undefined)),
  );
  const rows = parts.map((own): StackedRow => ({
    mode: own.cell.mode,
    segments: segmentsOf(own),
    figure: `${msText(own.p50Ms)} (${signedMs(own.residualMs)})`,
    mark: own.p50Ms,
  }));
  return drawStacked(rows, styles, { legend, axis: 'ms from the intended start to first data' }, size);
}
