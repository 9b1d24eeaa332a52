import type { Hold } from '../../results/schema.ts';
import { enumeration, fixed, integer } from '../format.ts';
import { fleetGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, PARTS, type ModeStyle } from '../palette.ts';
import { holdsOf, holdTable, kibibytes } from '../workloads/hold.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { legendOf, rowsOf } from './rows.ts';
import { haloed, SMALL_SIZE, textWidth } from './theme.ts';

/** What an idle client takes of memory, at its own end and at the broker's. */
export const holdChart: ChartKind = {
  id: 'hold',
  of: (results) => {
    const styles = modeStyles(modesOf(results));
    return fleetGroups(results, 'hold').flatMap((group) => chartOf(group, styles));
  },
};

type Held = Hold & { mode: string };

function chartOf(group: Group, styles: Map<string, ModeStyle>): Chart[] {
  const holds = holdsOf(group.cells);
  const [first] = holds;
  if (first === undefined) return [];
  const clients = Math.min(...holds.map(({ connected }) => connected));
  const told = holds.map(
    ({ mode, perClient }) =>
      `${mode} ${kibibytes(perClient.clientBytes)} KiB and ${kibibytes(perClient.brokerBytes)} at the broker`,
  );
  return [
    {
      id: `hold-${group.id}`,
      title: `Memory of an idle client, ${group.label}`,
      caption: `Resident memory of the client processes and of the broker’s with all clients connected, less that before the first one, over ${integer(clients)} clients a mode or more, at ${groupWords(group)}; measured before they were held for ${fixed(first.seconds, 0)} s; what the kernel keeps for a socket is not in it.`,
      alt: `Memory of a client by mode: ${enumeration(told)}.`,
      table: holdTable(group),
      groupId: group.id,
      half: false,
      draw: (size) => draw(holds, styles, size),
    },
  ];
}

/** Two bars with a figure each. */
const BAR = 26;

const LEGEND = [
  { name: 'at the client', color: PARTS.trips.light },
  { name: 'at the broker', color: PARTS.serialization.light },
];

function draw(holds: readonly Held[], styles: Map<string, ModeStyle>, size: Size): Drawing {
  const width = widthOf(size, false);
  // A small fleet may take less than the collector gives back: nothing to draw, though the figure is told.
  const bytesOf = ({ perClient: { clientBytes, brokerBytes } }: Held): number[] =>
    [clientBytes, brokerBytes ?? 0].map((bytes) => Math.max(0, bytes / 1024));
  const most = Math.max(1, ...holds.flatMap(bytesOf));
  const right = textWidth(fixed(most, 1), SMALL_SIZE) + 16;
  const modes = holds.map(({ mode }) => mode);
  const { left } = rowsOf(modes, styles, { size, right }).padding;
  const legend = legendOf(LEGEND, { left: 0, width: width - left });
  const rows = rowsOf(modes, styles, { size, right, top: legend.height + 6, bar: BAR });
  const { padding, innerHeight, places, names } = rows;
  const bars = holds.flatMap((held, index) => {
    const { barTop = 0, barBottom = 0, middle = 0 } = places[index] ?? {};
    const [client = 0, broker = 0] = bytesOf(held);
    const { clientBytes, brokerBytes } = held.perClient;
    return [
      {
        kib: client,
        label: kibibytes(clientBytes),
        top: barTop,
        bottom: middle - 0.5,
        color: PARTS.trips.light,
      },
      {
        kib: broker,
        label: kibibytes(brokerBytes),
        top: middle + 0.5,
        bottom: barBottom,
        color: PARTS.serialization.light,
      },
    ].map((bar) => ({ ...bar, zero: 0, labelY: (bar.top + bar.bottom) / 2 }));
  });
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, most], nice: false },
    axis: { title: 'KiB of resident memory a client', grid: false, tickCount: size === 'narrow' ? 4 : 8 },
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
          x2: { field: 'kib' },
          y: y('top'),
          y2: { field: 'bottom' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
      },
      ...names,
      ...haloed({
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 6, fontSize: SMALL_SIZE },
        encoding: { x: x('kib'), y: y('labelY'), text: { field: 'label' } },
      }),
    ],
  }));
}
