import type { Results } from '../../results/schema.ts';
import { failoverTable, returnsOf } from '../workloads/failover.ts';
import { enumeration, integer } from '../format.ts';
import { fleetGroups, groupWords, type Group } from '../groups.ts';
import type { Chart, ChartKind } from './chart.ts';
import { drawHistograms, histogramsOf } from './histogram-panels.ts';

/** What a chart shows, and its words. */
const SHOWN = {
  returned: {
    title: 'Time to return',
    caption: 'From the failure to PUBACK over a new connection',
    axis: 'ms from the failure to PUBACK',
  },
  reconnecting: {
    title: 'Time to reconnect',
    caption: 'From the moment in which a client noticed to PUBACK over a new connection',
    axis: 'ms from noticing to PUBACK',
  },
} as const;

/** How long clients took to come back after a failure: a histogram for each mode, by full and by resumed handshakes. */
export const failoverChart: ChartKind = {
  id: 'failover',
  of: (results) =>
    fleetGroups(results, 'failover').flatMap((group) =>
      (['returned', 'reconnecting'] as const).flatMap((what) => chartOf(group, what, results)),
    ),
};

function chartOf(group: Group, what: keyof typeof SHOWN, results: Results): Chart[] {
  const found = histogramsOf(returnsOf(group.cells, what), results);
  if (found === undefined) return [];
  const { title, caption, axis } = SHOWN[what];
  const { panels, width, medians, fewest } = found;
  return [
    {
      id: `failover-${what}-${group.id}`,
      title: `${title}, ${group.label}`,
      caption: `${caption} at ${groupWords(group)}: clients in each ${width} ms, measured, from the HDR histograms of ${integer(fewest)} clients a mode or more.`,
      alt: `A histogram for each mode; the medians: ${enumeration(medians)}.`,
      table: failoverTable(group),
      groupId: group.id,
      half: false,
      draw: (size) => drawHistograms(panels, { axis, width }, size),
    },
  ];
}
