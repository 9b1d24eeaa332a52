import type { Results } from '../../results/schema.ts';
import { enumeration, integer } from '../format.ts';
import { fleetGroups, groupWords, type Group } from '../groups.ts';
import { comingOf, connectsOf, stormTable } from '../workloads/storm.ts';
import type { Chart, ChartKind } from './chart.ts';
import { drawHistograms, histogramsOf } from './histogram-panels.ts';

/** How long the clients of a storm took to connect: a histogram for each mode, full handshakes beside resumed ones. */
export const stormChart: ChartKind = {
  id: 'storm',
  of: (results) => fleetGroups(results, 'storm').flatMap((group) => chartOf(group, results)),
};

function chartOf(group: Group, results: Results): Chart[] {
  const found = histogramsOf(connectsOf(group.cells), results);
  const storm = group.cells.find((cell) => cell.storm !== undefined)?.storm;
  if (found === undefined || storm === undefined) return [];
  const { panels, width, medians, fewest } = found;
  return [
    {
      id: `storm-${group.id}`,
      title: `Time to connect in a storm, ${group.label}`,
      caption: `From a client’s intended start to CONNACK, of clients ${comingOf(storm)}, at ${groupWords(group)}: clients in each ${width} ms, measured, from the HDR histograms of ${integer(fewest)} clients a mode or more.`,
      alt: `A histogram for each mode; the medians: ${enumeration(medians)}.`,
      table: stormTable(group),
      groupId: group.id,
      half: false,
      draw: (size) => drawHistograms(panels, { axis: 'ms from the intended start to CONNACK', width }, size),
    },
  ];
}
