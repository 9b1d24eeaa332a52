import { FIRST_DATA } from '../../measure/milestones.ts';
import type { Results } from '../../results/schema.ts';
import { hopMs, onlyDelays, pureDelayMs } from '../../results/trips.ts';
import { enumeration, fixed, integer, ms, NONE, slug } from '../format.ts';
import { counted } from '../../words.ts';
import { distributionOf, modesOf } from '../groups.ts';
import { placesOf } from '../inference.ts';
import { modeInWords } from '../mode-name.ts';
import { modeStyles, ROLES } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { placeLabels } from './labels.ts';
import { shortened, TEXT_SIZE, textWidth } from './theme.ts';

type Slope = Results['slopes'][number];

/** Medians over the one-way delay with their fitted lines: the slope of a line is its trip count. */
export const slopesChart: ChartKind = {
  id: 'slopes',
  of: (results) => {
    const fitted = results.slopes.filter(({ delays, milestone }) => delays >= 2 && milestone === FIRST_DATA);
    // Two brokers, topologies or workloads would draw two lines for one mode.
    const axes = placesOf(fitted);
    const places = Map.groupBy(fitted, (slope) => axes.map((axis) => slope[axis]).join(' · '));
    return [...places].map(([place, here]) => chartOf(results, here, place));
  },
};

function chartOf(results: Results, slopes: Slope[], place: string): Chart {
  const lines = slopes.map((slope) => ({ slope, points: pointsOf(results, slope) }));
  const delays = Math.max(...slopes.map((slope) => slope.delays));
  return {
    id: place === '' ? 'slopes' : `slopes-${slug(place)}`,
    title: `First data over the one-way delay${place === '' ? '' : `, ${place}`}`,
    caption: `Dots: measured medians, in milliseconds from the client’s intended start to the broker’s first byte of CONNECT, over the mean measured one-way delay of ${counted(delays, 'link')}; lines: Theil–Sen. The slope is the count of one-way trips, whatever the machine’s speed; where the line meets no delay, compute is left.${results.cells.some(({ path }) => path !== undefined) ? ' Of medians behind a hop, what theory has over the link behind it is taken off.' : ''}`,
    alt: `Slopes of first data over the one-way delay: ${enumeration(slopes.map(({ mode, trips, predicted }) => `${mode} ${fixed(trips, 2)} trips (predicted ${predicted})`))}.`,
    table: slopeTable(slopes),
    groupId: '',
    half: false,
    draw: (size) => draw(results, lines, size),
  };
}

/** Fitted lines as a table. Through two points a line always fits, so their R² says nothing. */
export function slopeTable(slopes: readonly Slope[]): Table {
  const places = placesOf(slopes);
  return {
    columns: columnsOf(
      'mode',
      ...places,
      'milestone',
      '#trips predicted',
      '#trips fitted',
      '#95 % interval',
      '#intercept ms',
      '#95 % interval',
      '#R²',
      '#delays',
    ),
    rows: slopes.map((slope) => ({
      cells: [
        slope.mode,
        ...places.map((place) => slope[place] ?? NONE),
        slope.milestone,
        integer(slope.predicted),
        fixed(slope.trips, 3),
        range(slope.tripsLow, slope.tripsHigh, 3),
        ms(slope.interceptMs),
        range(slope.interceptLowMs, slope.interceptHighMs, 2),
        slope.delays < 3 ? NONE : fixed(slope.r2, 5),
        integer(slope.delays),
      ],
    })),
  };
}

function range(low: number | undefined, high: number | undefined, digits: number): string {
  return low === undefined || high === undefined ? NONE : `${fixed(low, digits)} – ${fixed(high, digits)}`;
}

const MANY = 8;

interface Point {
  delayMs: number;
  ms: number;
}

function pointsOf(results: Results, slope: Slope): Point[] {
  return results.cells.flatMap((cell) => {
    const delayMs = pureDelayMs(results.links.find(({ id }) => id === cell.link));
    const data = distributionOf(cell, slope.milestone);
    const same =
      cell.mode === slope.mode &&
      cell.broker === slope.broker &&
      cell.topology === slope.topology &&
      // Older results do not name the workload; then there was one that has slopes.
      cell.workload === (slope.workload ?? cell.workload);
    if (!same || data === undefined || delayMs === undefined || !onlyDelays(cell, results.links)) return [];
    return [{ delayMs, ms: data.p50Ms - hopMs(cell, slope.milestone, slope.predicted, results.links) }];
  });
}

function draw(results: Results, lines: { slope: Slope; points: Point[] }[], size: Size): Drawing {
  const styles = modeStyles(modesOf(results));
  const narrow = size === 'narrow';
  const endMs = Math.max(0.001, ...lines.flatMap(({ points }) => points.map(({ delayMs }) => delayMs)));
  const at = (slope: Slope, delayMs: number): number => slope.interceptMs + slope.trips * delayMs;
  const top = Math.max(
    0.001,
    ...lines.flatMap(({ slope, points }) => [at(slope, endMs), ...points.map((point) => point.ms)]),
  );
  const innerHeight = Math.max(narrow ? 300 : 380, lines.length * 16);
  // On a phone the names of many modes leave no room for their figures, which the table has.
  const told = !narrow || lines.length <= MANY;
  const names = lines.map(({ slope }) => {
    const name = shortened(modeInWords(slope.mode), narrow ? (told ? 92 : 130) : 200, TEXT_SIZE);
    return told ? `${name} ${fixed(slope.trips, 2)}` : name;
  });
  const labelWidth = Math.max(...names.map((name) => textWidth(name, TEXT_SIZE, 'bold')));
  const padding = { left: 46, right: labelWidth + 20, top: 24, bottom: 44 };
  const wishes = lines.map(({ slope }) => ({ y: innerHeight * (1 - at(slope, endMs) / top), height: 16 }));
  const places = placeLabels(wishes, -8, innerHeight + 8);
  const x = {
    field: 'delayMs',
    type: 'quantitative',
    scale: { domain: [0, endMs], nice: false },
    axis: { title: 'measured one-way delay, ms', grid: false, tickCount: narrow ? 4 : 8 },
  };
  const y = {
    field: 'ms',
    type: 'quantitative',
    scale: { domain: [0, top], nice: false },
    axis: { title: null, domain: false, ticks: false, tickCount: 6 },
  };
  const color = { field: 'color', type: 'nominal', scale: null };
  const pixel = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const colorOf = ({ mode }: Slope): string => styles.get(mode)?.color ?? ROLES.ink.light;
  return drawing({ width: widthOf(size, false), innerHeight, padding }, (inner) => ({
    ...inner,
    layer: [
      ...lines.map(({ slope }) => ({
        data: { values: [0, endMs].map((delayMs) => ({ delayMs, ms: at(slope, delayMs) })) },
        mark: {
          type: 'line',
          strokeWidth: 2,
          color: colorOf(slope),
          strokeDash: styles.get(slope.mode)?.dash ?? [],
        },
        encoding: { x, y },
      })),
      {
        data: {
          values: lines.flatMap(({ slope, points }) =>
            points.map((point) => ({ ...point, color: colorOf(slope) })),
          ),
        },
        mark: {
          type: 'point',
          filled: true,
          opacity: 1,
          size: 60,
          stroke: ROLES.surface.light,
          strokeWidth: 1.5,
        },
        encoding: { x, y, color },
      },
      {
        data: {
          values: lines.map(({ slope }, index) => ({
            x: inner.width + 3,
            y: wishes[index]?.y ?? 0,
            x2: inner.width + 11,
            y2: places[index] ?? 0,
            color: colorOf(slope),
          })),
        },
        mark: { type: 'rule', opacity: 0.5 },
        encoding: { x: pixel('x'), x2: { field: 'x2' }, y: pixel('y'), y2: { field: 'y2' }, color },
      },
      {
        data: {
          values: lines.map(({ slope }, index) => ({
            name: names[index],
            y: places[index] ?? 0,
            color: colorOf(slope),
          })),
        },
        mark: { type: 'text', align: 'left', baseline: 'middle', fontWeight: 600 },
        encoding: { x: { value: inner.width + 14 }, y: pixel('y'), text: { field: 'name' }, color },
      },
      noteLayer('ms to first data', { x: -40, align: 'left' }),
      noteLayer(told ? 'trips' : '', { x: inner.width + 14 + labelWidth, align: 'right' }),
    ],
  }));
}

function noteLayer(text: string, { x, align }: { x: number; align: 'left' | 'right' }): object {
  return {
    data: { values: [{}] },
    mark: { type: 'text', align, color: ROLES.muted.light, fontSize: 11 },
    encoding: { x: { value: x }, y: { value: -14 }, text: { value: text } },
  };
}
