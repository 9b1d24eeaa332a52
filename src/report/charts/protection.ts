import type { CellResult, Results, Throughput } from '../../results/schema.ts';
import { enumeration, fixed, integer, msText, NONE, slug } from '../format.ts';
import { groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, ROLES } from '../palette.ts';
import { byMode, methodsTable, protectionGroups, protectionOf } from '../protection.ts';
import { NO_SAMPLES } from '../tables.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { namedRows, type RowPlace } from './rows.ts';
import { haloed, SMALL_SIZE, TEXT_SIZE, textWidth } from './theme.ts';

/** What protecting payloads costs: latency, deliveries a second and bytes by method, one chart for each mode. */
export const protectionChart: ChartKind = {
  id: 'protection',
  of: (results) =>
    protectionGroups(results).flatMap((group) =>
      byMode(group.cells).flatMap(([mode, cells]) => chartOf({ ...group, cells }, mode, results)),
    ),
};

function chartOf(group: Group, mode: string, results: Results): Chart[] {
  const rows = group.cells.flatMap((cell) =>
    cell.throughput === undefined ? [] : [rowOf(cell, cell.throughput)],
  );
  if (rows.every(({ p50 }) => p50 === null)) return [];
  const color = modeStyles(modesOf(results)).get(mode)?.color ?? ROLES.ink.light;
  const told = rows.map(({ name, more, label, bytes, rate }) =>
    [`${name}${more === '' ? '' : ` ${more}`} ${label}`, ...(bytes === NONE ? [] : [bytes]), rate].join(', '),
  );
  return [
    {
      id: `protection-${group.id}-${slug(mode)}`,
      title: `${mode}: protected payloads, ${group.label}`,
      caption: `From a message’s intended time until its subscriber holds it in clear at ${groupWords(group)}, in milliseconds, protecting and opening included; measured. The bar ends at the median, the whisker at the 95th percentile. Beside it: bytes that each payload grew by, and deliveries a second.`,
      alt: `Latency with ${mode} by method, bytes added and deliveries a second: ${enumeration(told)}.`,
      table: methodsTable(group),
      groupId: group.id,
      half: false,
      draw: (size) => draw(rows, color, size),
    },
  ];
}

interface MethodRow {
  name: string;
  more: string;
  p50: number | null;
  p95: number | null;
  label: string;
  bytes: string;
  rate: string;
}

function rowOf(cell: CellResult, { endToEnd, protection, receivedPerSecond }: Throughput): MethodRow {
  const [name = '', place] = protectionOf(cell).split('@');
  const latency = endToEnd?.count === 0 ? undefined : endToEnd;
  return {
    name,
    more: place === undefined ? '' : (PLACE_WORDS[place] ?? place),
    p50: latency?.p50Ms ?? null,
    p95: latency?.p95Ms ?? null,
    label: latency === undefined ? NO_SAMPLES : msText(latency.p50Ms),
    bytes: protection === undefined ? NONE : `+${integer(protection.addedBytes)} B`,
    rate: `${fixed(receivedPerSecond, receivedPerSecond < 100 ? 1 : 0)}/s`,
  };
}

const PLACE_WORDS: Record<string, string | undefined> = { 'client-to-broker': 'to the broker' };

/** Room beside the bars for each further figure, behind the median. */
const FIGURE = { bytes: 72, rate: 84 };

function draw(rows: readonly MethodRow[], color: string, size: Size): Drawing {
  const narrow = size === 'narrow';
  const names = rows.map(({ name, more }) => ({ name, more, color }));
  const label = 16 + Math.max(60, ...rows.map((row) => textWidth(row.label, TEXT_SIZE, 'bold')));
  const right = Math.round(narrow ? label : label + FIGURE.bytes + FIGURE.rate);
  const {
    padding,
    innerHeight,
    places,
    names: nameLayers,
  } = namedRows(names, {
    size,
    right,
    // On a phone the figures stand beside the names.
    nameRoom: 190,
  });
  const values = rows.map((row, index) => ({ ...row, end: row.p95 ?? 0, ...placed(places[index], narrow) }));
  const maxMs = Math.max(0.001, ...rows.map(({ p95 }) => p95 ?? 0));
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, maxMs], nice: false },
    axis: {
      title: narrow
        ? 'ms from intended time to subscriber'
        : 'ms from a message’s intended time to its subscriber',
      grid: false,
      tickCount: narrow ? 4 : 8,
      format: maxMs < 10 ? '.1f' : ',d',
    },
  });
  const y = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const ink = { value: color };
  return drawing({ width: widthOf(size, false), innerHeight, padding }, (inner) => ({
    ...inner,
    data: { values },
    layer: [
      {
        transform: [{ filter: 'datum.p50 !== null' }],
        layer: [
          {
            mark: { type: 'rect', opacity: 0.85 },
            encoding: {
              x: x('zero'),
              x2: { field: 'p50' },
              y: y('barTop'),
              y2: { field: 'barBottom' },
              color: ink,
            },
          },
          {
            mark: { type: 'rule', strokeWidth: 1.5 },
            encoding: { x: x('p50'), x2: { field: 'p95' }, y: y('middle'), color: ink },
          },
          {
            mark: { type: 'rule', strokeWidth: 1.5 },
            encoding: { x: x('p95'), y: y('capTop'), y2: { field: 'capBottom' }, color: ink },
          },
        ],
      },
      ...nameLayers,
      ...haloed({
        mark: { type: 'text', align: 'left', baseline: 'middle', fontWeight: 600, dx: 8 },
        encoding: { x: x('end'), y: y('middle'), text: { field: 'label' } },
      }),
      ...figureLayers(narrow, inner.width + right),
    ],
  }));
}

function placed(place: RowPlace | undefined, narrow: boolean) {
  const { barTop = 0, barBottom = 0, middle = 0 } = place ?? {};
  return {
    zero: 0,
    barTop,
    barBottom,
    middle,
    capTop: middle - 4,
    capBottom: middle + 4,
    figureY: narrow ? barTop - 11 : middle,
  };
}

/** Bytes and deliveries, to the right: under their titles, or on a phone in one text beside the name. */
function figureLayers(narrow: boolean, edge: number): object[] {
  const text = {
    type: 'text',
    align: 'right',
    baseline: 'middle',
    fontSize: SMALL_SIZE,
    color: ROLES.muted.light,
  };
  const y = { field: 'figureY', type: 'quantitative', scale: null, axis: null };
  if (narrow) {
    const together = {
      calculate: `(datum.bytes === '${NONE}' ? '' : datum.bytes + ', ') + datum.rate`,
      as: 'figures',
    };
    return [
      {
        transform: [together],
        mark: text,
        encoding: { x: { value: edge - 2 }, y, text: { field: 'figures' } },
      },
    ];
  }
  const columns = [
    { field: 'bytes', title: 'bytes added', at: edge - FIGURE.rate },
    { field: 'rate', title: 'delivered', at: edge - 4 },
  ];
  return columns.flatMap(({ field, title, at }) => [
    { mark: text, encoding: { x: { value: at }, y, text: { field } } },
    {
      data: { values: [{}] },
      mark: text,
      encoding: { x: { value: at }, y: { value: -10 }, text: { value: title } },
    },
  ]);
}
