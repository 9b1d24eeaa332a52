import { quantileSorted } from 'simple-statistics';
import { ascending } from '../stats/median.ts';
import type { Results } from '../results/schema.ts';
import { conditionsOf, environmentOf, runDigest } from './digest.ts';
import { FOLLOWED, type Followed, type HistoryCell, type HistoryEntry } from './entry.ts';
import { EVENT_TIMES, type EventTime } from './events.ts';

/** Of fewer changes from run to run no quartile means something; so many lie between one run more. */
const FEWEST_CHANGES = 10;
export const FEWEST_RUNS = FEWEST_CHANGES + 1;

/** Nobody waits for less, and clocks and calibration of the link are no better: the least that is learned. */
export const LEAST_FLOOR_MS = 0.2;

/** Interquartile ranges beyond the third quartile. */
const RANGES = 3;

/** A floor that past runs of a cell taught. */
export interface LearnedFloor {
  ms: number;
  /** From so many runs. */
  runs: number;
}

/** What past runs teach of each cell and timing of two runs that are compared. */
export interface Learned {
  /** Undefined where there are fewer than {@link FEWEST_RUNS} runs like both: then the general floors hold. */
  floorOf(cell: string, what: string): LearnedFloor | undefined;
  /** Like runs that a cell has, for words. */
  runsOf(cell: string): number;
}

/**
 * The smallest change of a median that is more than those which this machine makes from run to run anyway: the third
 * quartile of past absolute changes and three interquartile ranges more, as rustls judges its benchmarks
 * (https://github.com/rustls/rustls/tree/main/ci-bench). Quartiles shrug off the few changes that were real ones.
 * `mediansMs` are in the order of the runs; undefined when they are too few.
 */
export function learnFloor(mediansMs: readonly number[], leastMs = LEAST_FLOOR_MS): LearnedFloor | undefined {
  if (mediansMs.length < FEWEST_RUNS) return undefined;
  const changes = ascending(
    mediansMs.slice(1).map((after, index) => Math.abs(after - (mediansMs[index] ?? after))),
  );
  const [first, third] = [quantileSorted(changes, 0.25), quantileSorted(changes, 0.75)];
  return { ms: Math.max(leastMs, third + RANGES * (third - first)), runs: mediansMs.length };
}

/**
 * Learns from the runs of a history that are like both runs that are compared: of the same machine, and the same cell
 * under the same conditions, over a link that was what was asked for. The candidate itself teaches nothing.
 */
export function learnFrom(
  history: readonly HistoryEntry[],
  compared: { baseline: Results; candidate: Results },
  leastMs?: number,
): Learned {
  const { baseline, candidate } = compared;
  const machine = environmentOf(candidate).digest;
  const itself = runDigest(candidate);
  const alike =
    environmentOf(baseline).digest === machine
      ? history.filter(({ environment, run }) => environment.digest === machine && run !== itself)
      : [];
  const past = Map.groupBy(
    alike.flatMap(({ cells }) => cells.filter(({ calibrated }) => calibrated)),
    ({ id }) => id,
  );
  const cells = new Map(
    candidate.cells.flatMap((cell): [string, HistoryCell[]][] => {
      const before = baseline.cells.find(({ id }) => id === cell.id);
      const conditions = conditionsOf(cell, candidate);
      if (before === undefined || conditionsOf(before, baseline) !== conditions) return [];
      return [[cell.id, (past.get(cell.id) ?? []).filter((one) => one.conditions === conditions)]];
    }),
  );
  return {
    floorOf: (cell, what) =>
      learnFloor(
        (cells.get(cell) ?? []).flatMap((one) => medianOf(one, what) ?? []),
        leastMs,
      ),
    runsOf: (cell) => cells.get(cell)?.length ?? 0,
  };
}

function medianOf({ timings, events }: HistoryCell, what: string): number | undefined {
  if (isFollowed(what)) return timings[what]?.p50Ms;
  return isEventTime(what) ? events?.[what]?.p50Ms : undefined;
}

function isFollowed(what: string): what is Followed {
  return (FOLLOWED as readonly string[]).includes(what);
}

function isEventTime(what: string): what is EventTime {
  return (EVENT_TIMES as readonly string[]).includes(what);
}
