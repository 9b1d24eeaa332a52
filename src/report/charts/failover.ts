import type { Results } from '../../results/schema.ts';
import { failoverTable, HOW, returnsOf } from '../workloads/failover.ts';
import { enumeration, integer, msText } from '../format.ts';
import { fleetGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeInWords } from '../mode-name.ts';
import { modeStyles, ROLES } from '../palette.ts';
import type { Chart, ChartKind } from './chart.ts';
import { binsOf, binWidth, drawHistograms, type Panel } from './histogram-panels.ts';

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
  const styles = modeStyles(modesOf(results));
  const returns = returnsOf(group.cells, what).toSorted((a, b) => HOW.indexOf(a.how) - HOW.indexOf(b.how));
  if (returns.length === 0) return [];
  const { title, caption, axis } = SHOWN[what];
  const width = binWidth(Math.max(...returns.map(({ times }) => times.maxMs)));
  const panels = returns.map(({ mode, how, times }): Panel => ({
    name: `${modeInWords(mode)}, ${how}`,
    color: styles.get(mode)?.color ?? ROLES.ink.light,
    bins: binsOf(times.hdr, width),
  }));
  const medians = returns.map(({ mode, times }) => `${mode} ${msText(times.p50Ms)}`);
  const counts = returns.map(({ times }) => times.count);
  return [
    {
      id: `failover-${what}-${group.id}`,
      title: `${title}, ${group.label}`,
      caption: `${caption} at ${groupWords(group)}: clients in each ${width} ms, measured, from the HDR histograms of ${integer(Math.min(...counts))} clients a mode or more.`,
      alt: `A histogram for each mode; the medians: ${enumeration(medians)}.`,
      table: failoverTable(group),
      groupId: group.id,
      half: false,
      draw: (size) => drawHistograms(panels, { axis, width }, size),
    },
  ];
}
