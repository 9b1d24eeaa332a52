import type { Followed } from '../../history/entry.ts';
import type { Trend } from './trends.ts';

/** Pixels of one panel, and of what is left free in it for its name and to the next. */
export const PANEL = { height: 104, top: 24, bottom: 12 };

/** A panel spans this much at least: what changes by less is no change to look at. */
const LEAST_SPAN = { ms: 2, share: 0.02 };

/** One cell of a chart of trends. */
export interface Panel {
  id: string;
  name: string;
  color: string;
  points: { at: number; p50: number; low: number; high: number; count: number; calibrated: boolean }[];
  /** Round values of its scale, with so many decimals. */
  ticks: number[];
  digits: number;
  /** Where a time stands in the panel with this number, in pixels from the top of the picture. */
  yOf(ms: number, panel: number): number;
}

/** A panel of what is followed of a cell; none where no run has it. */
export function panelOf(
  trend: Trend,
  { what, name, color }: { what: Followed; name: string; color: string },
): Panel[] {
  const points = trend.points.flatMap(({ at, cell }) => {
    const timing = cell.timings[what];
    if (timing === undefined) return [];
    const { p50Ms: p50, lowMs: low, highMs: high, count } = timing;
    return [{ at, p50, low, high, count, calibrated: cell.calibrated }];
  });
  if (points.length === 0) return [];
  const lowest = Math.min(...points.map(({ low }) => low));
  const highest = Math.max(...points.map(({ high }) => high));
  const middle = (lowest + highest) / 2;
  const span = Math.max(highest - lowest, LEAST_SPAN.ms, LEAST_SPAN.share * middle);
  // Times begin at 0.
  const from = Math.max(0, middle - span / 2);
  const { height, top, bottom } = PANEL;
  const step = stepOf(span);
  const first = Math.ceil(from / step);
  const count = Math.floor((from + span) / step) - first + 1;
  return [
    {
      id: trend.id,
      name,
      color,
      points,
      ticks: Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step),
      digits: Math.max(0, -Math.floor(Math.log10(step))),
      yOf: (ms, panel) => panel * height + height - bottom - ((ms - from) / span) * (height - top - bottom),
    },
  ];
}

/** A round distance of which two to five fit into a span: 1, 2 or 5 times a power of ten. */
function stepOf(span: number): number {
  const power = 10 ** Math.floor(Math.log10(span / 2));
  return power * ([5, 2, 1].find((factor) => span / (factor * power) >= 2) ?? 1);
}
