import type { Milestone } from '../measure/milestones.ts';
import { decodeHistogram } from '../measure/histogram.ts';
import { roundsIn, type RoundSeries } from '../results/rounds.ts';
import type { CellResult } from '../results/schema.ts';
import { seededRandom } from '../scenario/random.ts';
import type { TimingSource } from './comparison.ts';
import type { RunData } from './run-data.ts';

/** A milestone's times in whole microseconds, in the order in which they were measured. */
export interface Series {
  source: Exclude<TimingSource, 'paired rounds'>;
  timesUs: Int32Array;
  /** The rounds of the times, where they are known. */
  ranges?: RoundSeries['ranges'];
}

/** The times of a milestone of a handshake cell; undefined where none was measured. */
export function milestoneSeries(run: RunData, cell: CellResult, name: Milestone): Series | undefined {
  const distribution = cell.milestones[name];
  if (distribution === undefined) return undefined;
  const own = run.rounds?.get(cell.id)?.get(name);
  return own === undefined
    ? { source: 'histograms', timesUs: shuffledTimes(distribution.hdr) }
    : { source: 'rounds', ...own };
}

/**
 * End-to-end latency of a load: its median in each second, since messages of one second are disturbed alike. Few seconds
 * tell little, however many messages they had. Undefined where no second has any.
 */
export function loadSeries({ throughput }: CellResult): Series | undefined {
  const seconds = (throughput?.seconds ?? []).flatMap(({ p50Ms }) => p50Ms ?? []);
  return seconds.length === 0
    ? undefined
    : { source: 'seconds', timesUs: Int32Array.from(seconds, (ms) => Math.round(ms * 1000)) };
}

/** So many values stand for a histogram's distribution as well as all of them. */
const MOST_VALUES = 10_000;

/** The values of a histogram in an order that means nothing: which round they were of is lost. */
function shuffledTimes(hdr: string): Int32Array {
  const histogram = decodeHistogram(hdr);
  const count = Math.min(histogram.totalCount, MOST_VALUES);
  const times = Array.from({ length: count }, (_, index) =>
    histogram.getValueAtPercentile(((index + 0.5) / count) * 100),
  );
  return Int32Array.from(seededRandom(count).shuffle(times));
}

/**
 * The times of the rounds that both have, in their order; undefined where there are none. Then equal indices are of
 * one round.
 */
export function alignRounds(
  baseline: Series,
  candidate: Series,
): { baseline: Series; candidate: Series } | undefined {
  if (baseline.ranges === undefined || candidate.ranges === undefined) return undefined;
  const place = new Map(roundsIn(candidate.ranges).map((round, index) => [round, index]));
  const common = roundsIn(baseline.ranges).flatMap((round, index): [number, number][] => {
    const other = place.get(round);
    return other === undefined ? [] : [[index, other]];
  });
  if (common.length === 0) return undefined;
  const pick = (series: Series, which: 0 | 1): Series => ({
    ...series,
    timesUs: Int32Array.from(common, (pair) => series.timesUs[pair[which]] ?? Number.NaN),
  });
  return { baseline: pick(baseline, 0), candidate: pick(candidate, 1) };
}
