import { decodeHistogram } from '../../measure/histogram.ts';
import type { Results } from '../../results/schema.ts';
import { msText } from '../format.ts';
import { modesOf } from '../groups.ts';
import { modeInWords } from '../mode-name.ts';
import { modeStyles, ROLES } from '../palette.ts';
import { WAYS, type WayTimes } from '../ways.ts';
import { drawing, widthOf, type Drawing, type Size } from './chart.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE } from './theme.ts';

/** The histogram of one mode's clients. */
interface Panel {
  name: string;
  color: string;
  bins: { from: number; to: number; clients: number }[];
}

/** About so many bars stand side by side. */
const BINS = 40;
/** Of each histogram at most so many values are read. */
const READ = 1000;

/** Histograms of clients' times, mode by mode, in the order of {@link WAYS}; undefined where nobody was timed. */
export function histogramsOf(
  timed: readonly WayTimes[],
  results: Results,
): { panels: Panel[]; width: number; medians: string[]; fewest: number } | undefined {
  if (timed.length === 0) return undefined;
  const styles = modeStyles(modesOf(results));
  const sorted = timed.toSorted((a, b) => WAYS.indexOf(a.way) - WAYS.indexOf(b.way));
  const width = binWidth(Math.max(...sorted.map(({ times }) => times.maxMs)));
  return {
    panels: sorted.map(({ mode, way, times }) => ({
      name: `${modeInWords(mode)}, ${way}`,
      color: styles.get(mode)?.color ?? ROLES.ink.light,
      bins: binsOf(times.hdr, width),
    })),
    width,
    medians: sorted.map(({ mode, times }) => `${mode} ${msText(times.p50Ms)}`),
    fewest: Math.min(...sorted.map(({ times }) => times.count)),
  };
}

/** How wide a bar is where the slowest took so long: 1, 2 or 5 times a power of ten, in milliseconds. */
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

/** Panels one below the other, whose axes are the same. */
export function drawHistograms(
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
