import type { HistoryEntry } from '../../history/entry.ts';
import { fixed, integer, ms, NONE, percent, signedMs } from '../format.ts';
import { columnsOf, type Table } from '../tables.ts';
import { changedSurroundings, headlineOf, runName, type Trend, type TrendPoint } from './trends.ts';

/** The runs of a history, one a row, with what they were measured on where that changed. */
export function runsTable(history: readonly HistoryEntry[]): Table {
  return {
    columns: columnsOf('run', 'started', 'scenario', '#cells', 'tool', 'machine', 'stack'),
    rows: history.map((entry, index) => {
      const { startedAt, scenario, cells, tool, environment } = entry;
      const [before] = history.slice(Math.max(0, index - 1), index);
      const told = index === 0 || changedSurroundings(before, entry);
      const around = told ? [tool, environment.machine, environment.stack] : ['″', '″', '″'];
      return { cells: [runName(entry), startedAt, scenario, integer(cells.length), ...around] };
    }),
  };
}

/** One cell over its runs: medians of what it is followed by, and all else that is kept. */
export function trendTable(trend: Trend): Table {
  const headline = headlineOf(trend);
  const title = HEADLINES[headline];
  return {
    columns: columnsOf(
      'run',
      `#${title} p50 ms`,
      '#95 % interval',
      '#change ms',
      '#n',
      '#CONNACK p50 ms',
      '#trips',
      '#bytes up / down',
      '#failed',
      '#excluded',
    ),
    rows: trend.points.map((point, index) => {
      const { entry, cell } = point;
      const timing = cell.timings[headline];
      const before = index === 0 ? undefined : trend.points[index - 1];
      return {
        cells: [
          `${runName(entry)}${noteOf(before, point)}`,
          ms(timing?.p50Ms),
          timing === undefined ? NONE : `${ms(timing.lowMs)} – ${ms(timing.highMs)}`,
          signedMs(changeOf(timing?.p50Ms, before?.cell.timings[headline]?.p50Ms)),
          integer(timing?.count),
          ms(cell.timings.connackReceived?.p50Ms),
          fixed(headline === 'endToEnd' ? undefined : cell.trips[headline], 2),
          cell.bytes === undefined
            ? NONE
            : `${integer(cell.bytes.handshakeUp)} / ${integer(cell.bytes.handshakeDown)}`,
          shareOf(cell.samples.failed, cell.samples.attempted),
          shareOf(cell.samples.excluded, cell.samples.attempted),
        ],
      };
    }),
  };
}

const HEADLINES = {
  connectReceived: 'first data',
  refused: 'refused',
  connackReceived: 'CONNACK',
  disconnected: 'time awake',
  endToEnd: 'end to end',
} as const;

function changeOf(now: number | undefined, before: number | undefined): number | undefined {
  return now === undefined || before === undefined ? undefined : now - before;
}

function shareOf(part: number, whole: number): string {
  return whole === 0 ? NONE : percent(part / whole);
}

/** What makes a run unlike the one before it, so that their difference tells nothing of the code. */
function noteOf(before: TrendPoint | undefined, { cell, entry }: TrendPoint): string {
  const notes = [
    ...(before !== undefined && before.cell.conditions !== cell.conditions ? ['asked for otherwise'] : []),
    ...(before !== undefined && before.entry.environment.digest !== entry.environment.digest
      ? ['another machine']
      : []),
    ...(cell.calibrated ? [] : ['link not as asked for']),
  ];
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}
