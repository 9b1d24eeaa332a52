import type { CellResult, Results, Throughput } from '../../results/schema.ts';
import { fixed, integer, ms, msText, slug } from '../format.ts';
import { counted } from '../../words.ts';
import { fleetGroups, linkWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, ROLES } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { placeLabels } from './labels.ts';
import { haloed, SMALL_SIZE } from './theme.ts';

/** Load over time: messages asked for, sent and received in each second, and under it their latency percentiles. */
export const throughputChart: ChartKind = {
  id: 'throughput',
  of: (results) =>
    fleetGroups(results, 'pubsub').flatMap((group) =>
      group.cells.flatMap((cell) =>
        cell.throughput === undefined || cell.throughput.seconds.length === 0
          ? []
          : [chartOf(group, cell, cell.throughput, results)],
      ),
    ),
};

function chartOf(group: Group, cell: CellResult, load: Throughput, results: Results): Chart {
  const color = modeStyles(modesOf(results)).get(cell.mode)?.color ?? ROLES.ink.light;
  const who = `${counted(load.publishers, 'publisher')} and ${counted(load.subscribers, 'subscriber')}, ${integer(load.payloadBytes)} bytes at QoS ${load.qos}`;
  return {
    id: `throughput-${group.id}-${slug(cell.mode)}`,
    title: `${cell.mode} under load, ${group.label}`,
    caption: `${who}, at ${linkWords(group.link)}. Above: messages that left and came in each second, measured. Below, by the second that they were intended for: milliseconds from a message’s intended time to its subscriber, measured, ${counted(load.received, 'delivery', 'deliveries')}.`,
    alt: `${cell.mode}: ${fixed(load.askedPerSecond, 1)} messages a second asked for, ${fixed(load.sentPerSecond, 1)} sent, ${fixed(load.receivedPerSecond, 1)} received; ${load.endToEnd === undefined || load.endToEnd.count === 0 ? 'no latency was measured' : `end to end p50 ${msText(load.endToEnd.p50Ms)}, p99 ${msText(load.endToEnd.p99Ms)}`}.`,
    table: secondsTable(load),
    groupId: group.id,
    cell,
    half: true,
    draw: (size) => draw(load, color, size),
  };
}

function secondsTable({ seconds }: Throughput): Table {
  return {
    columns: columnsOf('#second', '#sent', '#received', '#p50 ms', '#p95 ms', '#p99 ms'),
    rows: seconds.map(({ second, sent, received, p50Ms, p95Ms, p99Ms }) => ({
      cells: [integer(second), integer(sent), integer(received), ms(p50Ms), ms(p95Ms), ms(p99Ms)],
    })),
  };
}

const PANEL = 130;
const PANEL_GAP = 44;

interface Series {
  name: string;
  color: string;
  dash: number[];
  width: number;
  points: { second: number; value: number }[];
}

function draw(load: Throughput, color: string, size: Size): Drawing {
  const { seconds } = load;
  const pick = (field: 'sent' | 'received' | 'p50Ms' | 'p95Ms' | 'p99Ms') =>
    seconds.flatMap((row) => (row[field] === undefined ? [] : [{ second: row.second, value: row[field] }]));
  const [first, last] = [seconds[0]?.second ?? 0, seconds.at(-1)?.second ?? 0];
  const asked = [first, Math.max(last, first + 1)].map((second) => ({ second, value: load.askedPerSecond }));
  const rates: Series[] = [
    { name: 'asked', color: ROLES.predicted.light, dash: [4, 3], width: 1, points: asked },
    { name: 'sent', color: ROLES.ink.light, dash: [], width: 1.5, points: pick('sent') },
    { name: 'received', color, dash: [], width: 2.5, points: pick('received') },
  ];
  const latencies: Series[] = [
    { name: 'p99', color, dash: [2, 3], width: 1.5, points: pick('p99Ms') },
    { name: 'p95', color, dash: [6, 3], width: 1.5, points: pick('p95Ms') },
    { name: 'p50', color, dash: [], width: 2.5, points: pick('p50Ms') },
  ];
  const padding = { left: 48, right: 66, top: 26, bottom: 42 };
  const x = [first, Math.max(last, first + 1)] as [number, number];
  return drawing(
    { width: widthOf(size, true), innerHeight: 2 * PANEL + PANEL_GAP, padding },
    ({ width }) => ({
      spacing: PANEL_GAP,
      bounds: 'flush',
      vconcat: [
        panel(rates, { width, x, title: 'messages in a second', last: false }),
        panel(latencies, { width, x, title: 'ms from intended time to subscriber', last: true }),
      ],
    }),
  );
}

function panel(
  series: Series[],
  frame: { width: number; x: [number, number]; title: string; last: boolean },
): object {
  const drawn = series.filter(({ points }) => points.length > 0);
  const top = 1.06 * Math.max(0.001, ...drawn.flatMap(({ points }) => points.map(({ value }) => value)));
  const span = frame.x[1] - frame.x[0];
  const step = Math.max(1, Math.ceil(span / 8));
  const ticks = Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => frame.x[0] + index * step);
  const x = {
    field: 'second',
    type: 'quantitative',
    scale: { domain: frame.x, nice: false },
    axis: {
      grid: false,
      values: ticks,
      format: 'd',
      title: frame.last ? 'second of the schedule' : null,
      labels: frame.last,
    },
  };
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { domain: [0, top], nice: false },
    axis: { title: null, domain: false, ticks: false, tickCount: 4 },
  };
  const wishes = drawn.map(({ points }) => ({
    y: PANEL * (1 - (points.at(-1)?.value ?? 0) / top),
    height: 15,
  }));
  const places = placeLabels(wishes, -6, PANEL + 6);
  const labels = drawn.map(({ name, color }, index) => ({ name, color, y: places[index] ?? 0 }));
  return {
    width: frame.width,
    height: PANEL,
    layer: [
      ...drawn.map(({ points, color, dash, width }) => ({
        data: { values: points },
        mark: { type: 'line', color, strokeDash: dash, strokeWidth: width, point: points.length === 1 },
        encoding: { x, y },
      })),
      ...haloed({
        data: { values: labels },
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'middle',
          dx: 8,
          fontWeight: 600,
          fontSize: SMALL_SIZE,
        },
        encoding: {
          x: { value: frame.width },
          y: { field: 'y', type: 'quantitative', scale: null, axis: null },
          text: { field: 'name' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
      }),
      {
        data: { values: [{}] },
        mark: { type: 'text', align: 'left', color: ROLES.muted.light, fontSize: SMALL_SIZE },
        encoding: { x: { value: -44 }, y: { value: -14 }, text: { value: frame.title } },
      },
    ],
  };
}
