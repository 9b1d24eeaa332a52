import type { Hold } from '../../results/schema.ts';
import { enumeration, fixed, integer } from '../format.ts';
import { fleetGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, PARTS, type ModeStyle } from '../palette.ts';
import { holdsOf, holdTable, kibibytes } from '../workloads/hold.ts';
import type { Chart, ChartKind } from './chart.ts';
import { drawPaired, type PairedBar, type PairedRow } from './paired-bars.ts';

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
      draw: (size) =>
        drawPaired(
          holds.map(rowOf),
          styles,
          { legend: LEGEND, axis: 'KiB of resident memory a client' },
          size,
        ),
    },
  ];
}

const LEGEND = [
  { name: 'at the client', color: PARTS.trips.light },
  { name: 'at the broker', color: PARTS.serialization.light },
] as const;

function rowOf({ mode, perClient: { clientBytes, brokerBytes } }: Held): PairedRow {
  // A small fleet may take less than the collector gives back: nothing to draw, though the figure is told.
  const bar = (bytes: number | undefined): PairedBar => ({
    value: Math.max(0, (bytes ?? 0) / 1024),
    label: kibibytes(bytes),
  });
  return { mode, bars: [bar(clientBytes), bar(brokerBytes)] };
}
