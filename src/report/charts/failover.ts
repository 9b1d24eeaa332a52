import { decodeHistogram } from '../../measure/histogram.ts';
import type { Results } from '../../results/schema.ts';
import { failoverTable, HOW, returnsOf } from '../workloads/failover.ts';
import { enumeration, integer, msText } from '../format.ts';
import { fleetGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeInWords } from '../mode-name.ts';
import { modeStyles, ROLES } from '../palette.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE } from './theme.ts';

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

interface Panel {
  name: string;
  color: string;
  bins: { from: number; to: number; clients: number }[];
}

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
      draw: (size) => draw(panels, { axis, width }, size),
    },
  ];
}

/** About so many bars stand side by side. */
const BINS = 40;
/** Of each histogram at most so many values are read. */
const READ = 1000;

/** 1, 2 or 5 times a power of ten, in milliseconds. */
function binWidth(maxMs: number): number {
  const least = Math.max(maxMs, 1) / BINS;
  const power = 10 ** Math.floor(Math.log10(least));
  return Math.max(1, ([1, 2, 5, 10].find((step) => step * power >= least) ?? 10) * power);
}

/** The counts of an encoded histogram in bins of so many milliseconds, the empty ones left out. */
export function binsOf(hdr: string, width: number): Panel['bins'] {
  const histogram = decodeHistogram(hdr);
  const count = histogram.totalCount;
  const read = Math.min(READ, count);
  const bins = new Map<number, number>();
  for (let index = 0; index < read; index++) {
    const ms = histogram.getValueAtPercentile((100 * (index + 0.5)) / read) / 1000;
    const bin = Math.floor(ms / width);
    bins.set(bin, (bins.get(bin) ?? 0) + count / read);
  }
  return [...bins].map(([bin, clients]) => ({ from: bin * width, to: (bin + 1) * width, clients }));
}

const PANEL = { wide: 64, narrow: 56 };
const PANEL_GAP = 26;

function draw(
  panels: readonly Panel[],
  { axis, width: bin }: { axis: string; width: number },
  size: Size,
): Drawing {
  const padding = { left: 44, right: 16, top: 26, bottom: 44 };
  const all = panels.flatMap(({ bins }) => bins);
  const frame = {
    height: PANEL[size],
    x: [0, Math.max(...all.map(({ to }) => to), bin)],
    y: [0, Math.max(...all.map(({ clients }) => clients)) * 1.06],
    axis,
  };
  const innerHeight = panels.length * frame.height + (panels.length - 1) * PANEL_GAP;
  return drawing({ width: widthOf(size, false), innerHeight, padding }, ({ width }) => ({
    spacing: PANEL_GAP,
    bounds: 'flush',
    vconcat: panels.map((panel, index) =>
      panelSpec(panel, { ...frame, width, last: index === panels.length - 1 }),
    ),
  }));
}

function panelSpec(
  { name, color, bins }: Panel,
  frame: { width: number; height: number; x: number[]; y: number[]; axis: string; last: boolean },
): object {
  const x = {
    field: 'from',
    type: 'quantitative',
    scale: { domain: frame.x, nice: false },
    axis: { grid: false, labels: frame.last, title: frame.last ? frame.axis : null, tickCount: 6 },
  };
  const y = {
    field: 'clients',
    type: 'quantitative',
    scale: { domain: frame.y, nice: false },
    axis: { title: null, domain: false, ticks: false, tickCount: 2 },
  };
  return {
    width: frame.width,
    height: frame.height,
    layer: [
      {
        data: { values: bins },
        mark: { type: 'bar', color, binSpacing: 1 },
        encoding: { x, x2: { field: 'to' }, y, y2: { datum: 0 } },
      },
      {
        data: { values: [{}] },
        mark: { type: 'text', align: 'left', color, fontWeight: 600, fontSize: TEXT_SIZE },
        encoding: {
          x: { value: 0 },
          y: { value: -9 },
          text: { value: shortened(name, frame.width - 60, TEXT_SIZE) },
        },
      },
      {
        data: { values: [{}] },
        mark: { type: 'text', align: 'right', color: ROLES.muted.light, fontSize: SMALL_SIZE },
        encoding: { x: { value: frame.width }, y: { value: -9 }, text: { value: 'clients' } },
      },
    ],
  };
}
