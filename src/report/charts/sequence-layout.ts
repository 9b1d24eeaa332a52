import type { OneWayDelays } from '../../model/predict.ts';
import type { CellResult, FlightRow } from '../../results/schema.ts';
import { msText } from '../format.ts';
import { goalOf, type Goal } from '../goal.ts';
import { distributionOf } from '../groups.ts';
import { ROLES, type ModeStyle } from '../palette.ts';
import { departures, messagesOf } from '../flights.ts';
import { placeLabels, wrapMessages } from './labels.ts';
import { legsOf, lifeLines, type End } from './sequence-lines.ts';
import { SMALL_SIZE, textWidth } from './theme.ts';

/** A time–sequence diagram of one mode, in pixels: what there is to draw and where. */
export interface SequenceLayout {
  /** The life lines from the left to the right: the client's, that at the end of its link, the last one. */
  lines: { name: string; x: number }[];
  clientX: number;
  nextX: number;
  farX: number;
  top: number;
  /** Where the last flight arrives, or what it is all for happens later. */
  lastY: number;
  arrows: Arrow[];
  labels: SideLabel[];
  /** Stretches of time that belong to TCP, TLS and MQTT. */
  bands: { name: string; y: number; y2: number }[];
  /** What the connection is for, where it was measured. */
  goal: { x: number; y: number; ms: number } | undefined;
}

export interface Arrow {
  x: number;
  y: number;
  x2: number;
  y2: number;
  color: string;
  kind: 'measured' | 'modelled' | 'predicted';
  /** Direction in which it points, in degrees clockwise from the right. */
  angle: number;
}

/** What stands beside a life line: an instant and the messages that leave then, or what the connection is for. */
export interface SideLabel {
  align: 'left' | 'right';
  x: number;
  /** The middle of its first line. */
  y: number;
  /** The instant on the life line that it speaks of, and that line's x. */
  fromX: number;
  fromY: number;
  head: string;
  lines: string[];
  color: string;
  strong: boolean;
}

export interface SequenceFrame {
  x: number;
  width: number;
  top: number;
  pixelsPerMs: number;
  links: SequenceLinks;
}

/** Delays of the clients' link and of the inner one, whether or not the connection crosses that. */
export interface SequenceLinks {
  outer: OneWayDelays;
  inner: OneWayDelays;
}

const LINE_HEIGHT = 13;
const HEAD_HEIGHT = 16;
const BELOW = 6;

/** Milliseconds that a diagram of this cell must show: until its last flight has arrived, and what it is for is there. */
export function endMs(cell: CellResult, links: SequenceLinks): number {
  return Math.max(
    distributionOf(cell, goalOf(cell).milestone)?.p50Ms ?? 0,
    ...departures(cell).map(
      (flight) =>
        Math.max(flight.predictedMs, flight.measuredMs ?? 0) +
        legsOf(flight, cell.path?.kind, links).reduce((sum, { ms }) => sum + ms, 0),
    ),
  );
}

/** Lays the diagram of a cell out: time goes down, the client is on the left. */
export function layOutSequence(cell: CellResult, style: ModeStyle, frame: SequenceFrame): SequenceLayout {
  const { x, width, top, pixelsPerMs, links } = frame;
  const ends = lifeLines(cell.path?.kind);
  const gutter = textWidth('EncryptedExtensions', SMALL_SIZE) + LABEL_GAP;
  const lane = Math.max(70, Math.min(ends.length === 2 ? 190 : 280, width - 2 * gutter));
  const clientX = x + (width - lane) / 2;
  const lines = ends.map(({ name, place }) => ({ name, x: clientX + lane * place }));
  const xOf = (end: End): number => lines[ends.findIndex((line) => line.end === end)]?.x ?? clientX + lane;
  const lastY = top + endMs(cell, links) * pixelsPerMs;
  const yOf = (ms: number): number => top + ms * pixelsPerMs;
  const arrowsOf = (flight: FlightRow, leavesMs: number, look: Pick<Arrow, 'color' | 'kind'>): Arrow[] => {
    let atMs = leavesMs;
    return legsOf(flight, cell.path?.kind, links).map((leg) => {
      const [start, end] = [xOf(leg.from), xOf(leg.to)];
      const y = yOf(atMs);
      atMs += leg.ms;
      const y2 = yOf(atMs);
      return { x: start, y, x2: end, y2, angle: (Math.atan2(y2 - y, end - start) * 180) / Math.PI, ...look };
    });
  };
  const arrows = departures(cell).flatMap((flight): Arrow[] => {
    const { predictedMs, measuredMs, source } = flight;
    const theory = arrowsOf(flight, predictedMs, { color: ROLES.predicted.light, kind: 'predicted' });
    if (measuredMs === undefined) return theory;
    return [...theory, ...arrowsOf(flight, measuredMs, { color: style.color, kind: source })];
  });
  const wanted = goalOf(cell);
  const ms = distributionOf(cell, wanted.milestone)?.p50Ms;
  const goal = ms === undefined ? undefined : { x: xOf(wanted.end), y: yOf(ms), ms };
  const farX = clientX + lane;
  const room = { x, clientX, farX, xOf, top: top - HEAD_HEIGHT / 2, bottom: lastY + 30 };
  const labels = sideLabels(cell, goal && { ...wanted, ...goal }, style, yOf, room);
  const bands = bandsOf(cell, yOf, lastY);
  return { lines, clientX, nextX: lines[1]?.x ?? farX, farX, top, lastY, arrows, labels, bands, goal };
}

interface Room {
  x: number;
  clientX: number;
  farX: number;
  xOf: (end: End) => number;
  top: number;
  bottom: number;
}

const LABEL_GAP = 10;

function sideLabels(
  cell: CellResult,
  goal: (Goal & { y: number; ms: number }) | undefined,
  style: ModeStyle,
  yOf: (ms: number) => number,
  room: Room,
): SideLabel[] {
  const space = room.clientX - room.x - LABEL_GAP;
  const characters = Math.floor(space / textWidth('m', SMALL_SIZE) + 0.01);
  const flights = labelled(departures(cell)).map((flight) => ({
    // The hop's messages stand beside the broker's, with a line to their instant.
    side: flight.from === 'client' ? ('client' as const) : ('broker' as const),
    from: flight.from,
    order: cell.path === undefined ? flight.trips : flight.predictedMs,
    ...flightLabel(flight, characters),
    fromY: yOf(flight.measuredMs ?? flight.predictedMs),
    strong: false,
  }));
  const arrivals = (goal === undefined ? [] : [goal]).map(({ milestone, end, label, y, ms }) => {
    const trips = cell.trips[milestone];
    return {
      side: end,
      from: end,
      // What arrives makes the next flight leave, so it stands above it, whatever the medians' last digits say.
      order: (cell.path === undefined ? trips?.predicted : trips?.predictedMs) ?? Number.POSITIVE_INFINITY,
      head: msText(ms),
      lines: [label],
      color: style.color,
      fromY: y,
      strong: true,
    };
  });
  const all = [...arrivals, ...flights];
  return (['client', 'broker'] as const).flatMap((side) => {
    const own = all.filter((label) => label.side === side).toSorted((a, b) => a.order - b.order);
    const heights = own.map(({ lines }) => HEAD_HEIGHT + lines.length * LINE_HEIGHT + BELOW);
    let highest = Number.NEGATIVE_INFINITY;
    const wishes = own.map(({ fromY }, index) => {
      highest = Math.max(highest + 0.01, fromY);
      const height = heights[index] ?? 0;
      return { y: highest - HEAD_HEIGHT / 2 + height / 2, height };
    });
    const middles = placeLabels(wishes, room.top, room.bottom);
    return own.map((label, index): SideLabel => {
      const y = (middles[index] ?? 0) - (heights[index] ?? 0) / 2 + HEAD_HEIGHT / 2;
      const x = side === 'client' ? room.clientX - LABEL_GAP : room.farX + LABEL_GAP;
      return { ...label, align: side === 'client' ? 'right' : 'left', x, y, fromX: room.xOf(label.from) };
    });
  });
}

/** Of a handshake over a short link behind the hop the first flight is named; the table has all of them. */
function labelled(flights: readonly FlightRow[]): FlightRow[] {
  const isBehind = ({ from, to }: FlightRow): boolean =>
    (from === 'hop' && to === 'broker') || (from === 'broker' && to === 'hop');
  const dials = flights.find(isBehind);
  return flights.flatMap((flight) => {
    if (!isBehind(flight) || MQTT.test(flight.what)) return [flight];
    return flight === dials ? [{ ...flight, what: 'hop dials the broker leaves' }] : [];
  });
}

function flightLabel(
  flight: FlightRow,
  characters: number,
): { head: string; lines: string[]; color: string } {
  const { measuredMs, predictedMs, source } = flight;
  const notMeasured =
    measuredMs === undefined ? ['(predicted)'] : source === 'modelled' ? ['(modelled)'] : [];
  return {
    head: msText(measuredMs ?? predictedMs),
    lines: [...wrapMessages(messagesOf(flight), characters), ...notMeasured],
    color: notMeasured.length === 0 ? ROLES.ink.light : ROLES.muted.light,
  };
}

/** MQTT's control packets, as flights name them. */
const MQTT =
  /\b(CONNECT|CONNACK|PUBLISH|PUBACK|PUBREC|PUBREL|PUBCOMP|SUBSCRIBE|SUBACK|PINGREQ|PINGRESP|AUTH|DISCONNECT)\b/;
/** Whose time it is, by what a flight has. */
const BANDS: readonly (readonly [RegExp, string])[] = [
  [/\btunnel\b/, 'tunnel'],
  [/\b(SYN|RST)\b/, 'TCP'],
  [MQTT, 'MQTT'],
];

/** What is between the client and the next end. */
function outerOf(cell: CellResult): FlightRow[] {
  return departures(cell).filter(({ from, to }) => from === 'client' || to === undefined || to === 'client');
}

function bandsOf(cell: CellResult, yOf: (ms: number) => number, lastY: number): SequenceLayout['bands'] {
  const bands: SequenceLayout['bands'] = [];
  for (const { what, measuredMs, predictedMs, from } of outerOf(cell)) {
    const name = BANDS.find(([of]) => of.test(what))?.[1] ?? 'TLS';
    const last = bands.at(-1);
    const y = yOf(measuredMs ?? predictedMs);
    if (last !== undefined) last.y2 = y;
    // A stretch begins with the client; what the broker answers belongs to it.
    if (last?.name !== name && (from === 'client' || last === undefined)) bands.push({ name, y, y2: y });
  }
  return bands.map((band, index) => (index === bands.length - 1 ? { ...band, y2: lastY } : band));
}
