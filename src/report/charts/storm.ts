import type { Results } from '../../results/schema.ts';
import { enumeration, integer, msText } from '../format.ts';
import { fleetGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeInWords } from '../mode-name.ts';
import { modeStyles, ROLES } from '../palette.ts';
import { HOW } from '../workloads/failover.ts';
import { comingOf, connectsOf, stormTable } from '../workloads/storm.ts';
import type { Chart, ChartKind } from './chart.ts';
import { binsOf, binWidth, drawHistograms, type Panel } from './histogram-panels.ts';

/** How long the clients of a storm took to connect: a histogram for each mode, full handshakes beside resumed ones. */
export const stormChart: ChartKind = {
  id: 'storm',
  of: (results) => fleetGroups(results, 'storm').flatMap((group) => chartOf(group, results)),
};

function chartOf(group: Group, results: Results): Chart[] {
  const styles = modeStyles(modesOf(results));
  const connects = connectsOf(group.cells).toSorted((a, b) => HOW.indexOf(a.how) - HOW.indexOf(b.how));
  const storm = group.cells.find((cell) => cell.storm !== undefined)?.storm;
  if (connects.length === 0 || storm === undefined) return [];
  const width = binWidth(Math.max(...connects.map(({ times }) => times.maxMs)));
  const panels = connects.map(({ mode, how, times }): Panel => ({
    name: `${modeInWords(mode)}, ${how}`,
    color: styles.get(mode)?.color ?? ROLES.ink.light,
    bins: binsOf(times.hdr, width),
  }));
  const medians = connects.map(({ mode, times }) => `${mode} ${msText(times.p50Ms)}`);
  const least = Math.min(...connects.map(({ times }) => times.count));
  return [
    {
      id: `storm-${group.id}`,
      title: `Time to connect in a storm, ${group.label}`,
      caption: `From a client’s intended start to CONNACK, of clients ${comingOf(storm)}, at ${groupWords(group)}: clients in each ${width} ms, measured, from the HDR histograms of ${integer(least)} clients a mode or more.`,
      alt: `A histogram for each mode; the medians: ${enumeration(medians)}.`,
      table: stormTable(group),
      groupId: group.id,
      half: false,
      draw: (size) => drawHistograms(panels, { axis: 'ms from the intended start to CONNACK', width }, size),
    },
  ];
}
