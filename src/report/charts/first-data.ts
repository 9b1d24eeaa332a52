import { FIRST_DATA } from '../../measure/milestones.ts';
import type { CellResult, Results } from '../../results/schema.ts';
import { enumeration, integer, msText } from '../format.ts';
import { counted } from '../../words.ts';
import {
  delaysOf,
  firstData,
  innerDelaysOf,
  handshakeGroups,
  groupWords,
  modesOf,
  pathKindOf,
  type Group,
} from '../groups.ts';
import { modeStyles, ROLES, type ModeStyle } from '../palette.ts';
import { NO_SAMPLES, summaryTable } from '../tables.ts';
import { tripSpans, tripsInWords, type TripSpan } from '../trips.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { rowsOf, type RowPlace } from './rows.ts';
import { haloed, SMALL_SIZE } from './theme.ts';

/** First data by mode: the median with its interval and the 95th percentile, beside the trips that theory asks for. */
export const firstDataChart: ChartKind = {
  id: 'first-data',
  of: (results) =>
    handshakeGroups(results)
      .filter((group) => group.cells.some((cell) => firstData(cell) !== undefined))
      .map((group) => chartOf(group, results)),
};

function chartOf(group: Group, results: Results): Chart {
  const styles = modeStyles(modesOf(results));
  return {
    id: `first-data-${group.id}`,
    title: `First data by mode, ${group.label}`,
    caption: `From the client’s intended start to the broker’s first byte of CONNECT at ${groupWords(group)}, in milliseconds; measured, ${samples(group)}. A block is one trip of the measured one-way delay (→ to the broker, ← back)${blocksBehind(group)}, the upright mark is their predicted sum, and what stands beyond it is the rest: compute, bytes, scheduling. The bar ends at the median, the thick line is its 95 % interval, the whisker reaches to the 95th percentile.`,
    alt: `First data by mode: ${enumeration(group.cells.map((cell) => `${cell.mode} ${firstData(cell) === undefined ? NO_SAMPLES : msText(firstData(cell)?.p50Ms)}${predicted(cell)}`))}.`,
    table: summaryTable(group),
    groupId: group.id,
    half: false,
    draw: (size) => draw(group, styles, size),
  };
}

/** Which blocks are of the inner link, as far as the connections cross it. */
function blocksBehind(group: Group): string {
  const kind = pathKindOf(group);
  if (kind === 'split') return ', those over the link behind the hop come last';
  return kind === 'through' ? ', both links together where packets cross both' : '';
}

function samples(group: Group): string {
  const counts = group.cells.map((cell) => firstData(cell)?.count ?? 0);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most
    ? `${counted(least, 'sample')} a mode`
    : `${integer(least)} to ${counted(most, 'sample')} a mode`;
}

function predicted(cell: CellResult): string {
  const trips = cell.trips[FIRST_DATA];
  return trips === undefined ? '' : ` (predicted ${tripsInWords(trips)}, ${msText(trips.predictedMs)})`;
}

function draw(group: Group, styles: Map<string, ModeStyle>, size: Size): Drawing {
  const narrow = size === 'narrow';
  const { padding, innerHeight, places, names } = rowsOf(
    group.cells.map(({ mode }) => mode),
    styles,
    { size, right: narrow ? 76 : 92 },
  );
  const rows = group.cells.flatMap((cell, index) => {
    const place = places[index];
    return place === undefined ? [] : [rowOf(cell, group, styles, place)];
  });
  const maxMs = Math.max(...rows.map(({ end }) => end), 0.001);
  const total = { width: widthOf(size, false), innerHeight, padding };
  const pixelsPerMs = (total.width - padding.left - padding.right) / maxMs;
  const scale = { domain: [0, maxMs], nice: false };
  const x = (field: string): object => ({ field, type: 'quantitative', scale, axis: axisOf(maxMs, narrow) });
  const y = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const color = { field: 'color', type: 'nominal', scale: null };
  const bar = { y: y('barTop'), y2: { field: 'barBottom' } };
  const measured = [{ filter: 'datum.p50 !== null' }];
  return drawing(total, (inner) => ({
    ...inner,
    data: { values: rows },
    layer: [
      ...tripLines(group, maxMs, inner.height),
      {
        data: { values: rows.flatMap((row) => tripBlocks(row, pixelsPerMs)) },
        layer: [
          { mark: 'rect', encoding: { x: x('from'), x2: { field: 'to' }, ...bar, color } },
          {
            transform: [{ filter: 'datum.arrow !== ""' }],
            mark: { type: 'text', baseline: 'middle', color: ROLES.surface.light, fontSize: SMALL_SIZE },
            encoding: { x: x('arrowAt'), y: y('middle'), text: { field: 'arrow' } },
          },
        ],
      },
      {
        transform: measured,
        layer: [
          {
            transform: [{ filter: 'datum.restTo > datum.restFrom' }],
            mark: { type: 'rect', color: ROLES.ink.light },
            encoding: { x: x('restFrom'), x2: { field: 'restTo' }, ...bar },
          },
          {
            mark: { type: 'rule', strokeWidth: 1.5 },
            encoding: { x: x('p50'), x2: { field: 'p95' }, y: y('middle'), color },
          },
          {
            mark: { type: 'rule', strokeWidth: 4 },
            encoding: { x: x('low'), x2: { field: 'high' }, y: y('middle'), color },
          },
          {
            mark: { type: 'rule', strokeWidth: 1.5 },
            encoding: { x: x('p95'), y: y('capTop'), y2: { field: 'capBottom' }, color },
          },
        ],
      },
      {
        transform: [{ filter: 'datum.predictedMs !== null' }],
        mark: { type: 'rule', strokeWidth: 2, color: ROLES.ink.light },
        encoding: { x: x('predictedMs'), y: y('markTop'), y2: { field: 'markBottom' } },
      },
      ...names,
      ...haloed({
        mark: { type: 'text', align: 'left', baseline: 'middle', fontWeight: 600, dx: 8 },
        encoding: { x: x('end'), y: y('middle'), text: { field: 'label' } },
      }),
    ],
  }));
}

function axisOf(maxMs: number, narrow: boolean): object {
  const title = 'ms from the intended start to first data';
  return { title, grid: false, tickCount: narrow ? 5 : 9, format: maxMs < 10 ? '.1f' : ',d' };
}

interface BarRow {
  mode: string;
  color: string;
  p50: number | null;
  predictedMs: number | null;
  spans: TripSpan[];
  barTop: number;
  barBottom: number;
  middle: number;
  /** Where the label begins. */
  end: number;
}

function rowOf(cell: CellResult, group: Group, styles: Map<string, ModeStyle>, place: RowPlace): BarRow {
  const data = firstData(cell);
  const trips = cell.trips[FIRST_DATA];
  const { barTop, barBottom, middle } = place;
  const more = {
    low: data?.p50LowMs ?? null,
    high: data?.p50HighMs ?? null,
    p95: data?.p95Ms ?? null,
    restFrom: trips?.predictedMs ?? data?.p50Ms ?? 0,
    restTo: data?.p50Ms ?? 0,
    label: data === undefined ? NO_SAMPLES : msText(data.p50Ms),
    capTop: middle - 4,
    capBottom: middle + 4,
    markTop: barTop - 4,
    markBottom: barBottom + 4,
  };
  return {
    mode: cell.mode,
    color: styles.get(cell.mode)?.color ?? ROLES.ink.light,
    p50: data?.p50Ms ?? null,
    predictedMs: trips?.predictedMs ?? null,
    spans:
      trips === undefined ? [] : tripSpans(trips, cell.path?.kind, delaysOf(group), innerDelaysOf(group)),
    barTop,
    barBottom,
    middle,
    end: Math.max(data?.p95Ms ?? 0, trips?.predictedMs ?? 0),
    ...more,
  };
}

/** Gap between the blocks of a bar, in pixels. */
const GAP = 1.5;

/** The blocks of a bar: one for each trip, up to the median, with an arrow where there is room for it. */
function tripBlocks(row: BarRow, pixelsPerMs: number): object[] {
  const { barTop, barBottom, color, middle, p50 } = row;
  if (p50 === null) return [];
  const place = { barTop, barBottom, color, middle };
  const blocks = row.spans
    .map(({ from, to, arrow }) => ({ from, to: Math.min(to, p50), arrow }))
    .filter(({ from, to }) => to > from);
  // Without a delay to speak of there are no blocks to tell apart; a short link behind a hop has short ones.
  const apart = blocks.some(({ from, to }) => (to - from) * pixelsPerMs > 4 * GAP);
  if (blocks.length === 0 || !apart) return [{ ...place, from: 0, to: p50, arrow: '', arrowAt: 0 }];
  return blocks.map(({ from, to, arrow }) => ({
    ...place,
    from,
    to: Math.max((from + to) / 2, to - GAP / pixelsPerMs),
    arrow: (to - from) * pixelsPerMs > 18 ? arrow : '',
    arrowAt: (from + to) / 2,
  }));
}

/** A faint line and a label on top for each predicted count of trips that a mode of the group has. */
function tripLines(group: Group, maxMs: number, height: number): object[] {
  const counts = group.cells.flatMap((cell): [string, number][] => {
    const trips = cell.trips[FIRST_DATA];
    if (trips === undefined) return [];
    const spans = tripSpans(trips, cell.path?.kind, delaysOf(group), innerDelaysOf(group));
    return [[tripsInWords(trips), spans.at(-1)?.to ?? 0]];
  });
  const lines = [...new Map(counts)]
    .map(([trips, at]) => ({ trips, at }))
    .filter(({ at }) => at <= maxMs * 1.001);
  // Over a link without delay all of them would stand on one another.
  const apart = lines.every((line) =>
    lines.every((other) => line === other || Math.abs(line.at - other.at) > maxMs * 0.12),
  );
  if (!apart) return [];
  const x = { field: 'at', type: 'quantitative' };
  return [
    {
      data: { values: lines },
      mark: { type: 'rule', color: ROLES.predicted.light, strokeDash: [2, 3], strokeWidth: 1 },
      encoding: { x, y: { value: -8 }, y2: { value: height } },
    },
    {
      data: { values: lines },
      mark: { type: 'text', baseline: 'bottom', dy: -2, color: ROLES.muted.light, fontSize: SMALL_SIZE },
      encoding: { x, y: { value: -8 }, text: { field: 'trips' } },
    },
  ];
}
