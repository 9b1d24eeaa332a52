import { windowBytes } from '../../model/slow-start.ts';
import type { OneWayDelays } from '../../model/predict.ts';
import { certificateLadders, type CertificateLadder, type CertificateRung } from '../certificate-ladder.ts';
import { enumeration, integer, ms, msText, signedMs } from '../format.ts';
import { counted } from '../../words.ts';
import { delaysOf, handshakeGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeInWords } from '../mode-name.ts';
import { modeStyles, ROLES, type ModeStyle } from '../palette.ts';
import { columnsOf, type Table } from '../tables.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { placeLabels } from './labels.ts';
import { shortened, SMALL_SIZE, TEXT_SIZE, textWidth } from './theme.ts';

/** First data over the bytes of the flight with the certificate: flat until the initial window is full, then a step. */
export const certificatesChart: ChartKind = {
  id: 'certificates',
  of: (results) => {
    const styles = modeStyles(modesOf(results));
    return handshakeGroups(results).flatMap((group) => {
      const ladders = certificateLadders(group);
      return ladders.length === 0 ? [] : [chartOf(group, ladders, styles)];
    });
  },
};

function chartOf(group: Group, ladders: CertificateLadder[], styles: Map<string, ModeStyle>): Chart {
  const delays = delaysOf(group);
  return {
    id: `certificates-${group.id}`,
    title: `First data over the certificate’s bytes, ${group.label}`,
    caption: `Dots: medians of first data in milliseconds at ${groupWords(group)}, with their 95 % intervals, over the bytes of the broker’s flight that has its certificate. Dashed: trips of theory × measured one-way delay, and a round trip for each round of slow start that so many bytes take. Upright: the initial window of 10 segments of 1,448 bytes, and what has left after each further round.`,
    alt: `First data over the bytes of the flight with the certificate: ${ladders.map(inWords).join('; ')}.`,
    table: ladderTable(ladders),
    groupId: group.id,
    half: false,
    draw: (size) => draw(ladders, delays, styles, size),
  };
}

function inWords({ mode, rungs }: CertificateLadder): string {
  return `${mode} ${enumeration(rungs.map(({ bytes, data }) => `${msText(data.p50Ms)} at ${counted(bytes, 'byte')}`))}`;
}

function ladderTable(ladders: readonly CertificateLadder[]): Table {
  return {
    columns: columnsOf(
      'mode',
      '#bytes of the flight',
      '#further rounds',
      '#predicted ms',
      '#p50 ms',
      '#difference ms',
      '#n',
    ),
    rows: ladders.flatMap(({ rungs }) =>
      rungs.map((rung) => ({
        cells: [
          rung.cell.mode,
          integer(rung.bytes),
          integer(rung.rounds),
          ms(rung.predictedMs),
          ms(rung.data.p50Ms),
          signedMs(rung.data.p50Ms - rung.predictedMs),
          integer(rung.data.count),
        ],
      })),
    ),
  };
}

interface Line {
  name: string;
  style: ModeStyle | undefined;
  rungs: CertificateRung[];
  /** What theory says, as corners of a staircase. */
  stairs: { bytes: number; ms: number }[];
}

function linesOf(
  ladders: readonly CertificateLadder[],
  delays: OneWayDelays,
  styles: Map<string, ModeStyle>,
  end: number,
): Line[] {
  return ladders.map(({ mode, rungs }) => {
    const [first] = rungs;
    const edges = [0, ...steps(end), end];
    return {
      name: shortened(modeInWords(mode), 150, TEXT_SIZE),
      style: styles.get(first?.cell.mode ?? mode),
      rungs,
      stairs: edges.slice(1).flatMap((to, round) => {
        const height = (first?.tripsMs ?? 0) + round * (delays.upMs + delays.downMs);
        return [
          { bytes: edges[round] ?? 0, ms: height },
          { bytes: to, ms: height },
        ];
      }),
    };
  });
}

/** Where the rounds of slow start end, below so many bytes. */
function steps(end: number): number[] {
  const found: number[] = [];
  for (let rounds = 1; windowBytes(rounds) < end; rounds++) found.push(windowBytes(rounds));
  return found;
}

function draw(
  ladders: readonly CertificateLadder[],
  delays: OneWayDelays,
  styles: Map<string, ModeStyle>,
  size: Size,
): Drawing {
  const narrow = size === 'narrow';
  const end = Math.max(...ladders.flatMap(({ rungs }) => rungs.map(({ bytes }) => bytes))) * 1.04;
  const lines = linesOf(ladders, delays, styles, end);
  const heights = lines.flatMap(({ rungs, stairs }) => [
    ...rungs.map(({ data }) => data.p50HighMs),
    ...stairs.map((corner) => corner.ms),
  ]);
  const top = Math.max(0.001, ...heights) * 1.05;
  const innerHeight = narrow ? 280 : 340;
  const labelWidth = Math.max(...lines.map(({ name }) => textWidth(name, TEXT_SIZE, 'bold')));
  const padding = { left: 46, right: narrow ? 12 : labelWidth + 20, top: 40, bottom: 44 };
  const x = {
    field: 'bytes',
    type: 'quantitative',
    scale: { domain: [0, end], nice: false },
    axis: {
      title: 'bytes of the flight with the certificate',
      grid: false,
      tickCount: narrow ? 4 : 8,
      format: ',d',
    },
  };
  const y = (field: string): object => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, top], nice: false },
    axis: { title: null, domain: false, ticks: false, tickCount: 6 },
  });
  const wishes = lines.map(({ rungs }) => ({
    y: innerHeight * (1 - (rungs.at(-1)?.data.p50Ms ?? 0) / top),
    height: 16,
  }));
  const places = placeLabels(wishes, 0, innerHeight);
  const colorOf = ({ style }: Line): string => style?.color ?? ROLES.ink.light;
  const marks = steps(end).map((bytes, round) => ({
    bytes,
    text: round === 0 ? (narrow ? 'window' : 'initial window') : `+${counted(round, 'round')}`,
  }));
  return drawing({ width: widthOf(size, false), innerHeight, padding }, (inner) => ({
    ...inner,
    layer: [
      {
        data: { values: marks },
        mark: { type: 'rule', color: ROLES.axis.light, strokeDash: [2, 3] },
        encoding: { x, y: { value: -6 }, y2: { value: inner.height } },
      },
      {
        data: { values: marks },
        mark: { type: 'text', baseline: 'bottom', color: ROLES.muted.light, fontSize: SMALL_SIZE },
        encoding: { x, y: { value: -8 }, text: { field: 'text' } },
      },
      ...lines.flatMap((line) => lineLayers(line, x, y)),
      {
        data: {
          values: lines.map((line, index) => ({
            name: line.name,
            y: narrow ? innerHeight - 12 - 16 * (lines.length - 1 - index) : places[index],
            color: colorOf(line),
          })),
        },
        mark: { type: 'text', align: narrow ? 'right' : 'left', baseline: 'middle', fontWeight: 600 },
        encoding: {
          x: { value: narrow ? inner.width - 4 : inner.width + 8 },
          y: { field: 'y', type: 'quantitative', scale: null, axis: null },
          text: { field: 'name' },
          color: { field: 'color', type: 'nominal', scale: null },
        },
      },
      {
        data: { values: [{}] },
        mark: { type: 'text', align: 'left', color: ROLES.muted.light, fontSize: SMALL_SIZE },
        encoding: { x: { value: -42 }, y: { value: -28 }, text: { value: 'ms to first data' } },
      },
    ],
  }));
}

function lineLayers(line: Line, x: object, y: (field: string) => object): object[] {
  const color = line.style?.color ?? ROLES.ink.light;
  const values = line.rungs.map(({ bytes, data }) => ({
    bytes,
    p50: data.p50Ms,
    low: data.p50LowMs,
    high: data.p50HighMs,
  }));
  return [
    {
      data: { values: line.stairs },
      mark: { type: 'line', color, strokeWidth: 1.25, strokeDash: [4, 3], opacity: 0.8 },
      encoding: { x, y: y('ms'), order: { value: null } },
    },
    {
      data: { values },
      mark: { type: 'rule', color, strokeWidth: 1.5 },
      encoding: { x, y: y('low'), y2: { field: 'high' } },
    },
    {
      data: { values },
      mark: {
        type: 'point',
        filled: true,
        opacity: 1,
        size: 64,
        color,
        stroke: ROLES.surface.light,
        strokeWidth: 1.5,
      },
      encoding: { x, y: y('p50') },
    },
  ];
}
