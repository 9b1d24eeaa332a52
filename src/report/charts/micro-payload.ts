import { enumeration, integer } from '../format.ts';
import { PARTS, ROLES } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import { drawing, widthOf, type Chart, type Drawing, type Size } from './chart.ts';
import { logScale } from './micro-scale.ts';
import { legendOf } from './rows.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE, textWidth } from './theme.ts';

/** Operations a second of one core: the median of batches with its 95 % interval. */
interface Rate {
  perSecond: number;
  lowPerSecond: number;
  highPerSecond: number;
}

/** What `micro payload` measured of a method with a size of payload. */
export interface PayloadRates {
  method: string;
  payloadBytes: number;
  addedBytes: number;
  protect: Rate;
  open: Rate;
}

export interface PayloadRatesReport {
  /** Of which each batch is one: the n of every figure. */
  rounds: number;
  /** Processor, Node and OpenSSL, in a few words. */
  machine: string;
  payloads: readonly PayloadRates[];
}

const OPERATIONS = {
  protect: { name: 'protecting', color: PARTS.trips.light, dash: [] },
  open: { name: 'opening', color: PARTS.serialization.light, dash: [4, 2] },
} as const;
const OPERATION_NAMES = ['protect', 'open'] as const;

/** One panel a method over one scale: operations a second by size of payload, of protecting and of opening. */
export function payloadRatesChart(report: PayloadRatesReport): Chart {
  const methods = [...Map.groupBy(report.payloads, ({ method }) => method)];
  const told = methods.map(
    ([method, rates]) => `${method} ${OPERATION_NAMES.map((name) => rangeOf(rates, name)).join(' and ')}`,
  );
  return {
    id: 'micro-payload',
    title: 'Protecting and opening payloads, by method and size',
    caption: `Operations a second that one core does, by the CPU time of one thread, on a logarithmic scale that all panels share: medians of n ${integer(report.rounds)} batches with their 95 % intervals, measured, without any network. Sizes of payload in bytes, the smallest on the left, one as far from the next as the other. Warm caches, parsed keys; opening has the guard against replay in it. ${report.machine}.`,
    alt: `Operations a second of one core: ${enumeration(told)}.`,
    table: tableOf(report),
    groupId: '',
    half: false,
    draw: (size) => draw(report, methods, size),
  };
}

/** `protecting 215,307 to 55,944`, from the smallest size to the largest. */
function rangeOf(rates: readonly PayloadRates[], operation: 'protect' | 'open'): string {
  const bySize = rates.toSorted((a, b) => a.payloadBytes - b.payloadBytes);
  const ends = [bySize[0], ...(bySize.length > 1 ? [bySize.at(-1)] : [])];
  const text = ends.map(
    (end) => `${integer(end?.[operation].perSecond)} at ${integer(end?.payloadBytes)} bytes`,
  );
  return `${OPERATIONS[operation].name} ${text.join(' to ')}`;
}

function tableOf({ rounds, payloads }: PayloadRatesReport): Table {
  return {
    columns: columnsOf(
      'method',
      '#payload bytes',
      '#bytes added',
      '#protect/s',
      '#95 % interval',
      '#open/s',
      '#95 % interval',
      '#n',
    ),
    rows: payloads.map(({ method, payloadBytes, addedBytes, protect, open }) => ({
      cells: [
        method,
        integer(payloadBytes),
        integer(addedBytes),
        ...[protect, open].flatMap(({ perSecond, lowPerSecond, highPerSecond }) => [
          integer(perSecond),
          `${integer(lowPerSecond)} – ${integer(highPerSecond)}`,
        ]),
        integer(rounds),
      ],
    })),
  };
}

/** Panels beside each other, and the pixels of one, its name and the gap below it included. */
const LAYOUT = {
  wide: { across: 3, height: 150, name: TEXT_SIZE },
  narrow: { across: 2, height: 128, name: SMALL_SIZE },
} as const;
const NAME_HEIGHT = 22;
const GAP = { across: 18, below: 14 };
/** Between a panel's edge and its first and last size, and between the two operations of one size. */
const INSET = { edge: 18, apart: 2.5 };

function draw(
  { rounds, machine, payloads }: PayloadRatesReport,
  methods: readonly (readonly [string, readonly PayloadRates[]])[],
  size: Size,
): Drawing {
  const layout = LAYOUT[size];
  const across = Math.max(1, Math.min(layout.across, methods.length));
  const scale = logScale(
    payloads.flatMap(({ protect, open }) =>
      [protect, open].flatMap(({ lowPerSecond, highPerSecond }) => [lowPerSecond, highPerSecond]),
    ),
  );
  const left = 10 + Math.max(...scale.ticks.map((tick) => textWidth(tick.text, SMALL_SIZE)));
  const total = widthOf(size, false);
  const room = total - left - 8;
  const legend = legendOf(Object.values(OPERATIONS), { left: 0, width: room });
  const { above } = WORDS[size];
  const below = [...WORDS[size].below(rounds), machine];
  const padding = {
    left,
    right: 8,
    top: legend.height + above.length * LINE + 6,
    bottom: 24 + LINE * below.length,
  };
  const innerHeight = Math.max(1, Math.ceil(methods.length / across)) * layout.height;
  const panelWidth = (total - Math.round(left) - 8 - (across - 1) * GAP.across) / across;
  const sizes = [...new Set(payloads.map(({ payloadBytes }) => payloadBytes))].toSorted((a, b) => a - b);
  const step = sizes.length < 2 ? 0 : (panelWidth - 2 * INSET.edge) / (sizes.length - 1);
  const panels = methods.map(([method, rates], index) => {
    const [x, y] = [(index % across) * (panelWidth + GAP.across), Math.floor(index / across) * layout.height];
    const [top, bottom] = [y + NAME_HEIGHT, y + layout.height - GAP.below];
    return {
      method,
      rates,
      x,
      nameY: y + 10,
      bottom,
      /** Nothing stands below it. */
      lowest: index + across >= methods.length,
      xOf: (bytes: number): number =>
        x + (sizes.length < 2 ? panelWidth / 2 : INSET.edge + sizes.indexOf(bytes) * step),
      yOf: (perSecond: number): number => bottom - scale.share(perSecond) * (bottom - top),
    };
  });
  const pixel = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const at = { x: pixel('x'), y: pixel('y') };
  const text = (values: object[], mark: object): object => ({
    data: { values },
    mark: { type: 'text', baseline: 'middle', fontSize: SMALL_SIZE, ...mark },
    encoding: { ...at, text: { field: 'text' } },
  });
  const grid = panels.flatMap(({ x, yOf, method }, index) =>
    scale.ticks.map(({ value, text }) => ({
      method,
      x,
      x2: x + panelWidth,
      y: yOf(value),
      text: index % across === 0 ? text : '',
    })),
  );
  const muted = { color: ROLES.muted.light };
  const shownSizes = spread(
    sizes,
    (panelWidth - 2 * INSET.edge) / (textWidth(integer(sizes.at(-1)), SMALL_SIZE) + 6),
  );
  return drawing({ width: total, innerHeight, padding }, (inner) => ({
    ...inner,
    layer: [
      {
        data: { values: grid },
        mark: { type: 'rule', color: ROLES.grid.light },
        encoding: { ...at, x2: { field: 'x2' } },
      },
      text(grid, { align: 'right', dx: -6, ...muted }),
      ...OPERATION_NAMES.map((operation, index) => {
        const { color, dash } = OPERATIONS[operation];
        const values = panels.flatMap(({ method, rates, xOf, yOf }) =>
          rates.map((rate) => ({
            method,
            // Side by side, so that the one does not hide the interval of the other.
            x: xOf(rate.payloadBytes) + (index === 0 ? -INSET.apart : INSET.apart),
            y: yOf(rate[operation].perSecond),
            low: yOf(rate[operation].lowPerSecond),
            high: yOf(rate[operation].highPerSecond),
          })),
        );
        return {
          data: { values },
          layer: [
            {
              mark: { type: 'rule', strokeWidth: 3, opacity: 0.4, color },
              encoding: { x: pixel('x'), y: pixel('low'), y2: { field: 'high' } },
            },
            {
              mark: { type: 'line', strokeWidth: 1.5, color, strokeDash: dash },
              encoding: { ...at, detail: { field: 'method' } },
            },
            {
              mark: {
                type: 'point',
                filled: true,
                opacity: 1,
                size: 26,
                strokeWidth: 1.5,
                stroke: color,
                fill: index === 0 ? color : ROLES.surface.light,
              },
              encoding: at,
            },
          ],
        };
      }),
      text(
        panels.map(({ method, x, nameY }) => ({
          x,
          y: nameY,
          text: shortened(method, panelWidth + GAP.across - 6, layout.name),
        })),
        { align: 'left', fontWeight: 600, fontSize: layout.name },
      ),
      text(
        panels.flatMap(({ xOf, bottom, lowest }) =>
          lowest ? shownSizes.map((bytes) => ({ x: xOf(bytes), y: bottom + 12, text: integer(bytes) })) : [],
        ),
        { align: 'center', ...muted },
      ),
      ...legend.layers,
      text(
        [
          ...above.map((line, index) => ({ line, y: LINE * (index - above.length + 0.5) - legend.height })),
          ...below.map((line, index) => ({ line, y: inner.height + 18 + LINE * index })),
        ].map(({ line, y }) => ({ x: 0, y, text: shortened(line, inner.width, SMALL_SIZE, 'normal') })),
        { align: 'left', ...muted },
      ),
    ],
  }));
}

const WORDS = {
  wide: {
    above: ['operations a second of one core, by CPU time, logarithmic scale'],
    below: (rounds: number) => [
      `payload in bytes; medians of n ${integer(rounds)} batches, upright lines: 95 % intervals`,
    ],
  },
  narrow: {
    above: ['operations a second of one core,', 'by CPU time, logarithmic scale'],
    below: (rounds: number) => [
      `payload in bytes; medians of n ${integer(rounds)}`,
      'batches, upright lines: 95 % intervals',
    ],
  },
} as const satisfies Record<Size, object>;
const LINE = 16;

/** As many of the values as there is room for, evenly spread, the first and the last among them. */
function spread(values: readonly number[], room: number): number[] {
  const most = Math.max(2, Math.floor(room) + 1);
  if (values.length <= most) return [...values];
  const step = Math.ceil((values.length - 1) / (most - 1));
  const shown = values.filter((_, index) => index % step === 0 && index + step <= values.length - 1);
  return [...shown, ...values.slice(-1)];
}
