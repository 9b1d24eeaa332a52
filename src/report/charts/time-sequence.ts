import { FIRST_DATA } from '../../measure/milestones.ts';
import type { CellResult } from '../../results/schema.ts';
import { departures } from '../flights.ts';
import { msText, slug } from '../format.ts';
import { counted } from '../../words.ts';
import {
  delaysOf,
  firstData,
  handshakeGroups,
  headliners,
  groupWords,
  modesOf,
  type Group,
} from '../groups.ts';
import { modeStyles, ROLES, type ModeStyle } from '../palette.ts';
import { referenceTable, type Table } from '../tables.ts';
import { tripsInWords } from '../trips.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { panelLayers, savingLayers, type Panel } from './sequence-layers.ts';
import { endMs, layOutSequence } from './sequence-layout.ts';

/** The picture that people draw on a whiteboard: client and broker, time going down, an arrow for each flight. */
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
    alt: `Time–sequence diagrams of ${names.join(' and ')}, client on the left and broker on the right: ${cells.map(summary).join('; ')}. The tables of these modes have every flight.`,
    table: comparison(cells),
    groupId: group.id,
    half: false,
    draw: (size) => draw(group, cells, styles, size, false),
  };
}

function cellChart(group: Group, cell: CellResult, styles: Map<string, ModeStyle>): Chart {
  return {
    id: `time-sequence-${group.id}-${slug(cell.mode)}`,
    title: `${cell.mode}: who sends what, when`,
    caption: caption(group, [cell]),
    alt: `Time–sequence diagram of ${summary(cell)}, client on the left and broker on the right.`,
    table: referenceTable(cell),
    groupId: group.id,
    cell,
    half: true,
    draw: (size) => draw(group, [cell], styles, size, true),
  };
}

function caption(group: Group, cells: readonly CellResult[]): string {
  const flights = cells.flatMap(departures);
  const most = Math.max(0, ...flights.map(({ count }) => count));
  const modelled = flights.some(({ source }) => source === 'modelled');
  return `Milliseconds from the client’s intended start at ${groupWords(group)}; medians of up to ${counted(most, 'connection')}. Solid: measured departures, each arriving one measured one-way delay later; dashed: predicted${modelled ? '; pale: modelled by the link’s emulator' : ''}. Dot: first data, the broker holds the first byte of CONNECT.`;
}

function summary(cell: CellResult): string {
  const trips = cell.trips[FIRST_DATA];
  const theory =
    trips === undefined ? '' : `, predicted ${tripsInWords(trips)} or ${msText(trips.predictedMs)}`;
  const data = firstData(cell);
  return `${cell.mode} with ${counted(departures(cell).length, 'flight')}, ${data === undefined ? 'without a sample of first data' : `first data after ${msText(data.p50Ms)}`}${theory}`;
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
  const longest = Math.max(...cells.map((cell) => endMs(cell, delays)), 0.001);
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
    const frame = { x, width: panelWidth, top: above + HEADER, pixelsPerMs, delays };
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
