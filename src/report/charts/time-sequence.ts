import type { PathKind } from '../../model/hops.ts';
import type { CellResult } from '../../results/schema.ts';
import { departures } from '../flights.ts';
import { msText, slug } from '../format.ts';
import { goalOf } from '../goal.ts';
import { counted } from '../../words.ts';
import {
  delaysOf,
  distributionOf,
  handshakeGroups,
  headliners,
  groupWords,
  innerDelaysOf,
  modesOf,
  pathKindOf,
  type Group,
} from '../groups.ts';
import { modeStyles, ROLES, type ModeStyle } from '../palette.ts';
import { referenceTable, type Table } from '../tables.ts';
import { tripsInWords } from '../trips.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { panelLayers, savingLayers, type Panel } from './sequence-layers.ts';
import { endMs, layOutSequence } from './sequence-layout.ts';
import { lifeLines, lifeLineWords } from './sequence-lines.ts';

/** The picture that people draw on a whiteboard: client, broker and what is between, time going down, an arrow for each flight. */
export const timeSequenceChart: ChartKind = {
  id: 'time-sequence',
  of: (results) => {
    const styles = modeStyles(modesOf(results));
    return handshakeGroups(results).flatMap((group) => {
      const drawable = group.cells.filter((cell) => departures(cell).length > 0);
      const pair = headliners(group).filter((cell) => drawable.includes(cell));
      const both = pair.length === 2 ? [pairChart(group, pair, styles)] : [];
      return [...both, ...drawable.map((cell) => cellChart(group, cell, styles))];
    });
  },
};

function pairChart(group: Group, cells: CellResult[], styles: Map<string, ModeStyle>): Chart {
  const names = cells.map(({ mode }) => mode);
  return {
    id: `time-sequence-${group.id}`,
    title: `${names.join(' beside ')}: who sends what, when`,
    caption: caption(group, cells),
    alt: `Time–sequence diagrams of ${names.join(' and ')}, ${lifeLineWords(pathKindOf(group))}: ${cells.map(summary).join('; ')}. The tables of these modes have every flight.`,
    table: comparison(cells),
    groupId: group.id,
    half: false,
    draw: (size) => draw(group, cells, styles, size, false),
  };
}

function cellChart(group: Group, cell: CellResult, styles: Map<string, ModeStyle>): Chart {
  const kind = pathKindOf(group);
  const half = lifeLines(kind).length === 2;
  return {
    id: `time-sequence-${group.id}-${slug(cell.mode)}`,
    title: `${cell.mode}: who sends what, when`,
    caption: caption(group, [cell]),
    alt: `Time–sequence diagram of ${summary(cell)}, ${lifeLineWords(kind)}.`,
    table: referenceTable(cell),
    groupId: group.id,
    cell,
    half,
    draw: (size) => draw(group, [cell], styles, size, half),
  };
}

/** What must be said of a way that has an inner link and does not lead over it. */
const WAYS: Partial<Record<PathKind, string>> = {
  aside:
    ' The firewall before the broker has no delay of its own. The subscribers are behind the inner link, which this connection does not cross.',
  closed: ' The router at the end of the link lets no connection through to the broker.',
};

function caption(group: Group, cells: readonly CellResult[]): string {
  const flights = cells.flatMap(departures);
  const most = Math.max(0, ...flights.map(({ count }) => count));
  const modelled = flights.some(({ source }) => source === 'modelled');
  const kind = pathKindOf(group);
  const events = [...new Set(cells.map((cell) => goalOf(cell).event))];
  const way = (kind && WAYS[kind]) ?? '';
  return `Milliseconds from the client’s intended start at ${groupWords(group)}; medians of up to ${counted(most, 'connection')}. Solid: measured departures, each arriving one measured one-way delay later; dashed: predicted${modelled ? '; pale: modelled by the link’s emulator' : ''}. Dot: ${events.join('; ')}.${way}`;
}

function summary(cell: CellResult): string {
  const { milestone, label } = goalOf(cell);
  const trips = cell.trips[milestone];
  const theory =
    trips === undefined ? '' : `, predicted ${tripsInWords(trips)} or ${msText(trips.predictedMs)}`;
  const data = distributionOf(cell, milestone);
  return `${cell.mode} with ${counted(departures(cell).length, 'flight')}, ${data === undefined ? 'without a sample of what they are for' : `${label} after ${msText(data.p50Ms)}`}${theory}`;
}

/** The reference tables of some modes one below the other, with the mode in front. */
function comparison(cells: readonly CellResult[]): Table {
  const tables = cells.map((cell) => ({ mode: cell.mode, table: referenceTable(cell) }));
  return {
    columns: [{ title: 'mode', numeric: false }, ...(tables[0]?.table.columns ?? [])],
    rows: tables.flatMap(({ mode, table }) =>
      table.rows.map((row) => ({ ...row, cells: [mode, ...row.cells] })),
    ),
  };
}

const HEADER = 66;
const FOOTER = 34;
const GAP = 24;
/** Room for one trip that lets six messages stand between two departures of one end. */
const TRIP_PIXELS = 58;

function draw(
  group: Group,
  cells: CellResult[],
  styles: Map<string, ModeStyle>,
  size: Size,
  half: boolean,
): Drawing {
  const delays = delaysOf(group);
  const links = { outer: delays, inner: innerDelaysOf(group) };
  const longest = Math.max(...cells.map((cell) => endMs(cell, links)), 0.001);
  const tripMs = (delays.upMs + delays.downMs) / 2;
  // Very short links show mostly compute, very slow ones mostly nothing: neither may grow beyond a screen.
  const pixelsPerMs = Math.min(Math.max(TRIP_PIXELS / Math.max(tripMs, 1e-6), 240 / longest), 660 / longest);
  const stacked = size === 'narrow';
  const width = widthOf(size, half);
  const across = stacked ? 1 : cells.length;
  const panelWidth = (width - GAP * (across - 1)) / across;
  const height = HEADER + longest * pixelsPerMs + FOOTER;
  const panels = cells.map((cell, index): Panel => {
    const [x, above] = stacked ? [0, index * (height + GAP)] : [index * (panelWidth + GAP), 0];
    const style = styles.get(cell.mode) ?? { color: ROLES.ink.light, role: 'ink', dash: [] };
    const frame = { x, width: panelWidth, top: above + HEADER, pixelsPerMs, links };
    return { cell, style, layout: layOutSequence(cell, style, frame), bottom: above + height - FOOTER + 8 };
  });
  const innerHeight = Math.ceil(stacked ? panels.length * (height + GAP) - GAP : height);
  const padding = { left: 0, right: 0, top: 0, bottom: 0 };
  return drawing({ width, innerHeight, padding }, (inner) => ({
    ...inner,
    data: { values: [{}] },
    layer: [...panels.flatMap((panel) => panelLayers(panel)), ...savingLayers(panels, pixelsPerMs)],
  }));
}
