import { FIRST_DATA, MILESTONE_NAMES, MILESTONES, type Milestone } from '../measure/milestones.ts';
import type { CellResult, FlightRow } from '../results/schema.ts';
import { integer, ms, NONE, signedMs } from './format.ts';
import { departures } from './flights.ts';
import { goalOf, refusalOf } from './goal.ts';
import { distributionOf, type Group } from './groups.ts';
import { inferredFigure, tripsFigure } from './trips.ts';

/** A table of text, for HTML, Markdown and terminal alike. Columns of numbers name their unit. */
export interface Table {
  columns: Column[];
  rows: Row[];
}

export interface Column {
  title: string;
  /** Figures stand to the right. */
  numeric: boolean;
}

export interface Row {
  cells: string[];
  /** The row that the eye should find first. */
  strong?: boolean;
}

/** What stands for the figures of a cell without a good sample. */
export const NO_SAMPLES = 'no samples';

/** Columns from titles; a leading `#` marks a column of figures. */
export function columnsOf(...titles: string[]): Column[] {
  return titles.map((title) => ({ title: title.replace(/^#/, ''), numeric: title.startsWith('#') }));
}

/** First data by mode: the main table. */
export function summaryTable(group: Group): Table {
  return {
    columns: columnsOf(
      'mode',
      '#trips',
      '#predicted ms',
      '#p50 ms',
      '#95 % interval',
      '#p95 ms',
      '#residual ms',
      '#null p50 ms',
      '#inferred trips',
      '#n/attempted',
    ),
    rows: group.cells.map((cell) => ({ cells: summaryRow(cell) })),
  };
}

function summaryRow(cell: CellResult): string[] {
  // Where clients are to be refused, what is measured is when they learn it.
  const goal = cell.milestones.refused === undefined ? FIRST_DATA : 'refused';
  const data = distributionOf(cell, goal);
  const trips = cell.trips[goal];
  const theory = [tripsFigure(trips), ms(trips?.predictedMs)];
  const samples = `${integer(data?.count ?? 0)} / ${integer(cell.samples.attempted)}`;
  if (data === undefined) return [cell.mode, ...theory, NO_SAMPLES, NONE, NONE, NONE, NONE, NONE, samples];
  return [
    goal === FIRST_DATA ? cell.mode : `${cell.mode} (until it ${refusalOf(cell).verb})`,
    ...theory,
    ms(data.p50Ms),
    `${ms(data.p50LowMs)} – ${ms(data.p50HighMs)}`,
    ms(data.p95Ms),
    signedMs(trips?.residualMs),
    ms(trips?.nullP50Ms),
    inferredFigure(trips),
    samples,
  ];
}

/** The reference table of a mode: every flight that leaves and the arrivals that count, predicted beside measured. */
export function referenceTable(cell: CellResult): Table {
  const flights = departures(cell).map((flight): Step => ({
    place: placeOf(flight.trips, flight.predictedMs, cell),
    row: { cells: flightRow(flight) },
  }));
  const arrivals = ([FIRST_DATA, 'connackReceived', 'refused'] as const).flatMap((name) =>
    arrivalStep(cell, name),
  );
  return {
    columns: columnsOf(
      'end',
      'what',
      '#predicted ms',
      '#measured p50 ms',
      '#difference ms',
      '#trips',
      'source',
      '#n',
      '#bytes',
    ),
    rows: [...flights, ...arrivals].toSorted((a, b) => a.place - b.place).map(({ row }) => row),
  };
}

/** A row and its place in the order of the connection. */
interface Step {
  place: number;
  row: Row;
}

/** Trips order the flights of one connection; behind a hop there are two side by side, and time does. */
function placeOf(trips: number, predictedMs: number, { path }: CellResult): number {
  return path === undefined ? trips : predictedMs;
}

function flightRow({
  from,
  to,
  innerTrips,
  what,
  trips,
  predictedMs,
  measuredMs,
  source,
  count,
  bytes,
}: FlightRow): string[] {
  return [
    to === undefined ? from : `${from} → ${to}`,
    what,
    ms(predictedMs),
    ms(measuredMs),
    measuredMs === undefined ? NONE : signedMs(measuredMs - predictedMs),
    innerTrips === undefined ? integer(trips) : `${integer(trips)} + ${integer(innerTrips)}`,
    measuredMs === undefined ? NONE : source,
    integer(count),
    integer(bytes),
  ];
}

function arrivalStep(cell: CellResult, name: Milestone): Step[] {
  const trips = cell.trips[name];
  const data = distributionOf(cell, name);
  if (trips === undefined && data === undefined) return [];
  const { at } = MILESTONES[name];
  const meaning = name === 'refused' ? refusalOf(cell).event : MILESTONES[name].meaning;
  const found = data === undefined ? [NO_SAMPLES, NONE] : [ms(data.p50Ms), signedMs(trips?.residualMs)];
  const rest = [tripsFigure(trips), data?.source ?? NONE, integer(data?.count ?? 0), NONE];
  const cells = [at, meaning, ms(trips?.predictedMs), ...found, ...rest];
  // What arrives makes the next flight leave, so it stands before it.
  const place =
    trips === undefined ? Number.POSITIVE_INFINITY : placeOf(trips.predicted, trips.predictedMs, cell);
  return [{ place: place - 1e-6, row: { cells, strong: name === goalOf(cell).milestone } }];
}

/** The ladder of a mode: every milestone with its theory. */
export function ladderTable(cell: CellResult): Table {
  return {
    columns: columnsOf(
      'milestone',
      'what has happened',
      '#trips',
      '#inferred trips',
      '#predicted ms',
      '#p50 ms',
      '#p95 ms',
      '#residual ms',
      '#null p50 ms',
      '#n',
      'source',
    ),
    rows: MILESTONE_NAMES.flatMap((name) => {
      const data = distributionOf(cell, name);
      const trips = cell.trips[name];
      if (data === undefined && trips === undefined) return [];
      return [
        {
          strong: name === FIRST_DATA,
          cells: [
            name,
            MILESTONES[name].meaning,
            tripsFigure(trips),
            inferredFigure(trips),
            ms(trips?.predictedMs),
            data === undefined ? NO_SAMPLES : ms(data.p50Ms),
            ms(data?.p95Ms),
            data === undefined ? NONE : signedMs(trips?.residualMs),
            ms(trips?.nullP50Ms),
            integer(data?.count ?? 0),
            data?.source ?? NONE,
          ],
        },
      ];
    }),
  };
}
