import { FIRST_DATA, MILESTONE_NAMES } from '../../measure/milestones.ts';
import type { CellResult } from '../../results/schema.ts';
import { msText, signedMs, slug } from '../format.ts';
import { counted } from '../../words.ts';
import { distributionOf, handshakeGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, ROLES, type ModeStyle } from '../palette.ts';
import { ladderTable } from '../tables.ts';
import { tripsFigure } from '../trips.ts';
import { drawing, widthOf, type Chart, type ChartKind, type Drawing, type Size } from './chart.ts';
import { SMALL_SIZE, textWidth } from './theme.ts';

/** The ladder of each mode: every milestone at its median beside the trips that theory asks for, and what is over. */
export const ladderChart: ChartKind = {
  id: 'ladder',
  of: (results) => {
    const styles = modeStyles(modesOf(results));
    return handshakeGroups(results).flatMap((group) =>
      group.cells
        .filter((cell) => MILESTONE_NAMES.some((name) => distributionOf(cell, name) !== undefined))
        .map((cell) => chartOf(group, cell, styles)),
    );
  },
};

function chartOf(group: Group, cell: CellResult, styles: Map<string, ModeStyle>): Chart {
  const rungs = rungsOf(cell);
  const modelled = rungs.some(({ source }) => source === 'modelled');
  const counts = rungs.flatMap(({ count }) => (count > 0 ? [count] : []));
  return {
    id: `ladder-${group.id}-${slug(cell.mode)}`,
    title: `${cell.mode}: the ladder of milestones`,
    caption: `Milliseconds from the client’s intended start to each milestone at ${groupWords(group)}; up to ${counted(Math.max(0, ...counts), 'sample')}. Dot: measured median${modelled ? ' (ring: modelled)' : ''}; whisker: 95th percentile; upright mark: predicted trips × measured one-way delay; figure: residual, the median minus that.`,
    alt: `Ladder of ${cell.mode}: ${rungs.map(({ name, p50, trips }) => `${name} ${p50 === null ? 'without samples' : msText(p50)}${trips === null ? '' : ` (predicted ${trips} ${trips === '1' ? 'trip' : 'trips'})`}`).join(', ')}.`,
    table: ladderTable(cell),
    groupId: group.id,
    cell,
    half: true,
    draw: (size) => draw(rungs, styles.get(cell.mode)?.color ?? ROLES.ink.light, size),
  };
}

interface Rung {
  name: string;
  first: boolean;
  count: number;
  trips: string | null;
  predictedMs: number | null;
  p50: number | null;
  p95: number | null;
  residual: string;
  source: 'measured' | 'modelled' | null;
}

/** Milestones in the order of their trips, as a diagram of the connection would pass them. */
function rungsOf(cell: CellResult): Rung[] {
  const rungs = MILESTONE_NAMES.flatMap((name): Rung[] => {
    const data = distributionOf(cell, name);
    const trips = cell.trips[name];
    if (data === undefined && trips === undefined) return [];
    return [
      {
        name,
        first: name === FIRST_DATA,
        count: data?.count ?? 0,
        trips: trips === undefined ? null : tripsFigure(trips),
        predictedMs: trips?.predictedMs ?? null,
        p50: data?.p50Ms ?? null,
        p95: data?.p95Ms ?? null,
        residual: data === undefined || trips === undefined ? '' : signedMs(trips.residualMs),
        source: data?.source ?? null,
      },
    ];
  });
  const at = ({ predictedMs, p50 }: Rung): number => predictedMs ?? p50 ?? 0;
  return rungs.toSorted((a, b) => at(a) - at(b));
}

const RUNG = 26;

function draw(rungs: readonly Rung[], colour: string, size: Size): Drawing {
  const names = rungs.map(({ name, trips }) => (trips === null ? name : `${name} ${trips}`));
  const left = Math.max(...names.map((name) => textWidth(name, SMALL_SIZE))) + 14;
  const padding = { left, right: 52, top: 24, bottom: 42 };
  const maxMs =
    Math.max(0.001, ...rungs.flatMap(({ p95, predictedMs }) => [p95 ?? 0, predictedMs ?? 0])) * 1.02;
  const values = rungs.map((rung, index) => {
    const y = index * RUNG + RUNG / 2;
    return {
      ...rung,
      y,
      from: y - 8,
      to: y + 8,
      high: y - 3,
      low: y + 3,
      color: rung.first ? colour : ROLES.ink.light,
    };
  });
  const total = { width: widthOf(size, true), innerHeight: rungs.length * RUNG, padding };
  const axis = { title: 'ms from the intended start', tickCount: 5, format: maxMs < 10 ? '.1f' : ',d' };
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, maxMs], nice: false },
    axis,
  });
  const y = (field: string): object => ({ field, type: 'quantitative', scale: null, axis: null });
  const measured = [{ filter: 'datum.p50 !== null' }];
  const inColor = { field: 'color', type: 'nominal', scale: null };
  return drawing(total, (inner) => ({
    ...inner,
    data: { values },
    layer: [
      {
        mark: { type: 'rule', color: ROLES.grid.light },
        encoding: { x: { value: 0 }, x2: { value: inner.width }, y: y('y') },
      },
      {
        transform: measured,
        mark: { type: 'rule', strokeWidth: 1.5, color: colour },
        encoding: { x: x('p50'), x2: { field: 'p95' }, y: y('y') },
      },
      {
        transform: measured,
        mark: { type: 'rule', strokeWidth: 1.5, color: colour },
        encoding: { x: x('p95'), y: y('high'), y2: { field: 'low' } },
      },
      {
        transform: [{ filter: "datum.source === 'measured'" }],
        mark: { type: 'point', filled: true, opacity: 1, color: colour },
        encoding: {
          x: x('p50'),
          y: y('y'),
          size: { condition: { test: 'datum.first', value: 130 }, value: 60 },
        },
      },
      {
        transform: [{ filter: "datum.source === 'modelled'" }],
        mark: {
          type: 'point',
          filled: true,
          fill: ROLES.surface.light,
          stroke: colour,
          strokeWidth: 1.5,
          opacity: 1,
          size: 50,
        },
        encoding: { x: x('p50'), y: y('y') },
      },
      {
        transform: [{ filter: 'datum.predictedMs !== null' }],
        mark: { type: 'rule', strokeWidth: 2, color: ROLES.ink.light },
        encoding: { x: x('predictedMs'), y: y('from'), y2: { field: 'to' } },
      },
      ...names.map((_, index) => ({
        data: { values: values.slice(index, index + 1) },
        mark: {
          type: 'text',
          align: 'right',
          baseline: 'middle',
          dx: -8,
          fontSize: SMALL_SIZE,
          fontWeight: values[index]?.first === true ? 700 : 400,
        },
        encoding: { x: { value: 0 }, y: y('y'), text: { field: 'name' }, color: inColor },
      })),
      {
        mark: { type: 'text', align: 'right', baseline: 'middle', dx: 48, fontSize: SMALL_SIZE },
        encoding: { x: { value: inner.width }, y: y('y'), text: { field: 'residual' }, color: inColor },
      },
      {
        data: { values: [{}] },
        mark: {
          type: 'text',
          align: 'right',
          baseline: 'middle',
          dx: 48,
          color: ROLES.muted.light,
          fontSize: SMALL_SIZE,
        },
        encoding: { x: { value: inner.width }, y: { value: -12 }, text: { value: 'residual ms' } },
      },
    ],
  }));
}
