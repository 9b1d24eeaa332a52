import type { Followed, HistoryCell, HistoryEntry } from '../../history/entry.ts';

/** A run's point of a trend; `cell` is the cell as it was then. */
export interface TrendPoint {
  /** The run's place among all that are shown, from 0. */
  at: number;
  entry: HistoryEntry;
  cell: HistoryCell;
}

/** One cell over the runs that have it, oldest first. */
export interface Trend {
  id: string;
  mode: string;
  /** Link, broker, topology and workload: what is drawn together. */
  place: string;
  points: TrendPoint[];
}

/** Each cell over the runs, in the order in which they first appear. */
export function trendsOf(history: readonly HistoryEntry[]): Trend[] {
  const trends = new Map<string, Trend>();
  for (const [at, entry] of history.entries()) {
    for (const cell of entry.cells) {
      const { id, mode } = cell;
      const own = trends.get(id) ?? { id, mode, place: id.slice(mode.length + 1), points: [] };
      own.points.push({ at, entry, cell });
      trends.set(id, own);
    }
  }
  return [...trends.values()];
}

/** What a cell is followed by first: first data, when its clients learn that they are refused, or a load's latency. */
export function headlineOf({ points }: Trend): Followed {
  const kinds = ['connectReceived', 'refused', 'endToEnd'] as const;
  return (
    kinds.find((what) => points.some(({ cell }) => cell.timings[what] !== undefined)) ?? 'connectReceived'
  );
}

/** A run in few words: its label, else the day and the minute in UTC. */
export function runName({ label, startedAt }: HistoryEntry): string {
  return label ?? startedAt.slice(0, 16).replace('T', ' ');
}

/** Whether a run was measured on something else than the one before it: its machine or its versions. */
export function changedSurroundings(before: HistoryEntry | undefined, entry: HistoryEntry): boolean {
  if (before === undefined) return false;
  const [old, now] = [before.environment, entry.environment];
  return old.digest !== now.digest || old.stack !== now.stack || before.tool !== entry.tool;
}
