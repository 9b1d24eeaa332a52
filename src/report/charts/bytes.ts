import type { CellResult, Results } from '../../results/schema.ts';
import { enumeration, integer } from '../format.ts';
import { handshakeGroups, modesOf, type Group } from '../groups.ts';
import { modeStyles, PARTS, type ModeStyle } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { legendOf, rowsOf } from './rows.ts';
import { haloed, SMALL_SIZE, textWidth } from './theme.ts';

/** Bytes of the handshake by direction. They do not depend on the link, so one chart serves all links of a place. */
export const bytesChart: ChartKind = {
  id: 'bytes',
  of: (results) => {
    const styles = modeStyles(modesOf(results));
    const drawn = new Set<string>();
    return handshakeGroups(results).flatMap((group) => {
      const cells = group.cells.flatMap((cell) =>
        cell.bytes === undefined ? [] : [{ cell, ...cell.bytes }],
      );
      const place = placeOf(group);
      if (drawn.has(place) || cells.every((one) => totalOf(one) === 0)) return [];
      drawn.add(place);
      return [chartOf(results, group, cells, styles)];
    });
  },
};

interface Bytes {
  cell: CellResult;
  handshakeUp: number;
  handshakeDown: number;
}

function totalOf({ handshakeUp, handshakeDown }: Bytes): number {
  return handshakeUp + handshakeDown;
}

function placeOf({ cells: [cell] }: Group): string {
  return JSON.stringify([cell?.broker, cell?.topology, cell?.workload]);
}

function chartOf(results: Results, group: Group, cells: Bytes[], styles: Map<string, ModeStyle>): Chart {
  const links = results.links.length > 1 ? `, seen over the link ${group.label}` : '';
  return {
    id: `bytes-${group.id}`,
    title: 'Handshake bytes by direction',
    caption: `Bytes of TLS that each end sends before its first byte of MQTT${links}: medians of good connections, without the headers of TCP and IP. A certificate’s bytes are in the direction of the end that shows it.`,
    alt: `Handshake bytes by mode, to the broker and back: ${enumeration(cells.map(({ cell, handshakeUp, handshakeDown }) => `${cell.mode} ${integer(handshakeUp)} up and ${integer(handshakeDown)} down`))}.`,
    table: bytesTable(cells),
    groupId: group.id,
    half: false,
    draw: (size) => draw(cells, styles, size),
  };
}

function bytesTable(cells: readonly Bytes[]): Table {
  return {
    columns: columnsOf('mode', '#bytes up', '#bytes down', '#both'),
    rows: cells.map((one) => ({
      cells: [one.cell.mode, integer(one.handshakeUp), integer(one.handshakeDown), integer(totalOf(one))],
    })),
  };
}

/** Two bars with a figure each. */
const BAR = 26;

const LEGEND = [
  { name: '→ to the broker', color: PARTS.trips.light },
  { name: '← to the client', color: PARTS.serialization.light },
];

function draw(cells: readonly Bytes[], styles: Map<string, ModeStyle>, size: Size): Drawing {
  const narrow = size === 'narrow';
  const width = widthOf(size, false);
  const most = Math.max(
    1,
    ...cells.flatMap(({ handshakeUp, handshakeDown }) => [handshakeUp, handshakeDown]),
  );
  const right = textWidth(integer(most), SMALL_SIZE) + 16;
  const modes = cells.map(({ cell }) => cell.mode);
  const { left } = rowsOf(modes, styles, { size, right }).padding;
  const legend = legendOf(LEGEND, { left: 0, width: width - left });
  const { padding, innerHeight, places, names } = rowsOf(modes, styles, {
    size,
    right,
    top: legend.height + 6,
    bar: BAR,
  });
  const bars = cells.flatMap(({ handshakeUp, handshakeDown }, index) => {
    const { barTop = 0, barBottom = 0, middle = 0 } = places[index] ?? {};
    return [
      { bytes: handshakeUp, top: barTop, bottom: middle - 0.5, color: PARTS.trips.light },
      { bytes: handshakeDown, top: middle + 0.5, bottom: barBottom, color: PARTS.serialization.light },
    ].map((bar) => ({ ...bar, zero: 0, label: integer(bar.bytes), labelY: (bar.top + bar.bottom) / 2 }));
  });
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, most], nice: false },
    axis: { title: 'bytes of TLS in the handshake', grid: false, tickCount: narrow ? 4 : 8, format: ',d' },
  });
  const y = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  return drawing({ width, innerHeight, padding }, (inner) => ({
    ...inner,
    data: { values: bars },
    layer: [
      ...legend.layers,
      {
        mark: { type: 'rect' },
        encoding: {
          x: x('zero'),
          x2: { field: 'bytes' },
          y: y('top'),
          y2: { field: 'bottom' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
      },
      ...names,
      ...haloed({
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 6, fontSize: SMALL_SIZE },
        encoding: { x: x('bytes'), y: y('labelY'), text: { field: 'label' } },
      }),
    ],
  }));
}
