import {
  brokerMatrices,
  bytesOf,
  matrixDetails,
  numberedReasons,
  type BrokerMatrix,
  type MatrixEntry,
} from '../broker-matrix.ts';
import { enumeration, fixed, integer, msText, slug } from '../format.ts';
import { distributionOf, firstData, linkWords } from '../groups.ts';
import { modeStyles, PARTS, ROLES, type ModeStyle } from '../palette.ts';
import { NO_SAMPLES } from '../tables.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { rowsOf } from './rows.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE, textWidth } from './theme.ts';

/** Modes by brokers: first data, CONNACK and bytes of each, or why it is missing. Only where there are several brokers. */
export const brokersChart: ChartKind = {
  id: 'brokers',
  of: (results) => brokerMatrices(results).map(chartOf),
};

function chartOf(matrix: BrokerMatrix): Chart {
  const styles = modeStyles(matrix.modes);
  return {
    id: `brokers-${slug(matrix.label)}`,
    title: `First data by mode and broker, ${matrix.label}`,
    caption: `In each field: the median of first data in milliseconds at ${linkWords(matrix.link)}, under it that of CONNACK, both from the client’s intended start, and the bytes of TLS in the handshake. The deeper the ground, the later first data is than on the quickest broker in that mode, 5 ms and more the deepest. CONNACK is what Nagle’s algorithm at a broker holds up. Numbers are those of the reasons below.`,
    alt: `First data by mode and broker: ${matrix.modes.map((mode) => `${mode}: ${enumeration(matrix.brokers.map((broker) => `${broker} ${inWords(matrix.at(mode, broker))}`))}`).join('; ')}.`,
    table: matrixDetails(matrix),
    groupId: matrix.groupId,
    half: false,
    draw: (size) => draw(matrix, styles, size),
  };
}

function inWords(entry: MatrixEntry | undefined): string {
  if (entry === undefined) return 'not in the results';
  if (entry.kind !== 'measured') return entry.kind;
  const data = firstData(entry.cell);
  return data === undefined ? NO_SAMPLES : msText(data.p50Ms);
}

/** Three lines of figures. */
const FIELD = { wide: 56, narrow: 50 };
const GAP = 1.5;
const LINE = 15;
/** Later than the quickest broker by so much is the deepest ground. */
const DEEPEST_MS = 5;
const DEEPEST = 0.26;

interface Field {
  left: number;
  right: number;
  top: number;
  bottom: number;
  color: string;
  depth: number;
}

interface Words {
  x: number;
  y: number;
  text: string;
}

function draw(matrix: BrokerMatrix, styles: ReadonlyMap<string, ModeStyle>, size: Size): Drawing {
  const width = widthOf(size, false);
  const head = size === 'narrow' ? 2 * LINE + 8 : LINE + 10;
  const rows = rowsOf(matrix.modes, styles, { size, right: 2, top: head, bar: FIELD[size] });
  const { left, right } = rows.padding;
  const column = (width - left - right) / matrix.brokers.length;
  const fields: Field[] = [];
  const [strong, faint]: [Words[], Words[]] = [[], []];
  for (const [row, mode] of matrix.modes.entries()) {
    const { barTop = 0, barBottom = 0, middle = 0 } = rows.places[row] ?? {};
    const quickest = quickestMs(matrix, mode);
    for (const [index, broker] of matrix.brokers.entries()) {
      const entry = matrix.at(mode, broker);
      const x = (index + 0.5) * column;
      fields.push({
        left: index * column + GAP,
        right: (index + 1) * column - GAP,
        top: barTop,
        bottom: barBottom,
        ...groundOf(entry, quickest),
      });
      const [first = '', ...others] = linesOf(entry, size);
      const firstY = middle - (others.length * LINE) / 2;
      strong.push({ x, y: firstY, text: first });
      for (const [line, text] of others.entries()) faint.push({ x, y: firstY + (line + 1) * LINE, text });
    }
  }
  const reasons = numberedReasons(matrix).flatMap((text) => wrapped(text, width - 8));
  const innerHeight = rows.innerHeight + (reasons.length === 0 ? 0 : reasons.length * LINE + 12);
  const padding = { ...rows.padding, bottom: 6 };
  const pixel = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const text = (values: readonly Words[], mark: object): object => ({
    data: { values },
    mark: { type: 'text', baseline: 'middle', align: 'center', ...mark },
    encoding: { x: pixel('x'), y: pixel('y'), text: { field: 'text' } },
  });
  const muted = { fontSize: SMALL_SIZE, color: ROLES.muted.light };
  return drawing({ width, innerHeight, padding }, (inner) => ({
    ...inner,
    layer: [
      {
        data: { values: fields },
        mark: { type: 'rect', cornerRadius: 3 },
        encoding: {
          x: pixel('left'),
          x2: { field: 'right' },
          y: pixel('top'),
          y2: { field: 'bottom' },
          color: { field: 'color', type: 'nominal', scale: null },
          opacity: { field: 'depth', type: 'quantitative', scale: null },
        },
      },
      ...rows.names,
      text(
        headsOf(matrix.brokers, column, size),
        size === 'narrow' ? { fontSize: SMALL_SIZE } : { fontWeight: 600 },
      ),
      text(strong, { fontWeight: 600 }),
      text(faint, { fontSize: SMALL_SIZE }),
      text(
        reasons.map((line, index) => ({
          x: 4 - padding.left,
          y: rows.innerHeight + 12 + index * LINE,
          text: line,
        })),
        { ...muted, align: 'left' },
      ),
    ],
  }));
}

function quickestMs({ brokers, at }: BrokerMatrix, mode: string): number {
  return Math.min(
    ...brokers.flatMap((broker) => {
      const entry = at(mode, broker);
      return entry?.kind === 'measured' ? (firstData(entry.cell)?.p50Ms ?? []) : [];
    }),
  );
}

/** How late first data is, as depth; what is missing has a ground of its own. */
function groundOf(entry: MatrixEntry | undefined, quickest: number): Pick<Field, 'color' | 'depth'> {
  if (entry === undefined) return { color: ROLES.grid.light, depth: 0.6 };
  if (entry.kind !== 'measured') {
    return entry.kind === 'wrong parameters'
      ? { color: PARTS.serialization.light, depth: 0.22 }
      : { color: ROLES.grid.light, depth: 0.6 };
  }
  const data = firstData(entry.cell);
  const later = data === undefined ? 0 : data.p50Ms - quickest;
  return { color: PARTS.trips.light, depth: 0.06 + DEEPEST * Math.min(1, later / DEEPEST_MS) };
}

function linesOf(entry: MatrixEntry | undefined, size: Size): string[] {
  const narrow = size === 'narrow';
  if (entry === undefined) return ['–'];
  if (entry.kind !== 'measured') {
    const sign = entry.kind === 'wrong parameters' ? '≠' : '✕';
    return [narrow ? sign : entry.kind, `(${entry.number})`];
  }
  const { cell } = entry;
  const data = firstData(cell);
  const connack = distributionOf(cell, 'connackReceived');
  const bytes = bytesOf(cell);
  return [
    data === undefined ? (narrow ? 'none' : NO_SAMPLES) : fixed(data.p50Ms, 1),
    ...(connack === undefined
      ? []
      : [narrow ? fixed(connack.p50Ms, 1) : `CONNACK ${fixed(connack.p50Ms, 1)}`]),
    ...(bytes === undefined || bytes === 0 ? [] : [`${integer(bytes)}${narrow ? ' B' : ' bytes'}`]),
  ];
}

/** Names of brokers above their columns; on a phone smaller, and in two lines, broken at a dash. */
function headsOf(brokers: readonly string[], column: number, size: Size): Words[] {
  const [fontSize, weight] =
    size === 'narrow' ? [SMALL_SIZE, 'normal' as const] : [TEXT_SIZE, 'bold' as const];
  const room = column - 2;
  return brokers.flatMap((broker, index) => {
    const fits = size === 'wide' || textWidth(broker, fontSize, weight) <= room;
    const [first = '', ...rest] = fits ? [broker] : broker.split(/(?<=-)/);
    const lines = rest.length === 0 ? [first] : [first, rest.join('')];
    return lines.map((line, place) => ({
      x: (index + 0.5) * column,
      y: (place - lines.length) * LINE + (size === 'narrow' ? 4 : 2),
      text: shortened(line, room, fontSize, weight),
    }));
  });
}

/** A text in lines that are no wider than so many pixels. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer, SMALL_SIZE) <= width) lines[lines.length - 1] = longer;
    else lines.push(shortened(word, width, SMALL_SIZE, 'normal'));
  }
  return lines;
}
