import type { CellResult, Results } from '../../results/schema.ts';
import { enumeration, integer } from '../format.ts';
import { handshakeGroups, modesOf, type Group } from '../groups.ts';
import { modeStyles, PARTS, type ModeStyle } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import type { Chart, ChartKind } from './chart.ts';
import { drawPaired, type PairedBar, type PairedRow } from './paired-bars.ts';

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
    draw: (size) =>
      drawPaired(cells.map(rowOf), styles, { legend: LEGEND, axis: 'bytes of TLS in the handshake' }, size),
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

const LEGEND = [
  { name: '→ to the broker', color: PARTS.trips.light },
  { name: '← to the client', color: PARTS.serialization.light },
] as const;

function rowOf({ cell: { mode }, handshakeUp, handshakeDown }: Bytes): PairedRow {
  const bar = (value: number): PairedBar => ({ value, label: integer(value) });
  return { mode, bars: [bar(handshakeUp), bar(handshakeDown)] };
}
