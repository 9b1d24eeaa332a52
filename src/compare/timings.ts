import type { Learned } from '../history/learned.ts';
import { TOLD } from '../results/rounds.ts';
import type { CellResult } from '../results/schema.ts';
import { JUDGED } from '../results/trips.ts';
import type { Effect } from './comparison.ts';
import { eventEffects } from './events.ts';
import { goodShare } from './good-share.ts';
import { missing, missingInBaseline, nothingTimed } from './missing.ts';
import type { RunData } from './run-data.ts';
import { detectableMs, type Sensitivity } from './sensitivity.ts';
import { alignRounds, loadSeries, milestoneSeries, type Series } from './series.ts';
import type { CompareSettings } from './settings.ts';
import { openTiming, type OpenTiming } from './timing.ts';

/** The same cell of both runs. */
export interface Pair {
  baseline: CellResult;
  candidate: CellResult;
}

/** What the times of two cells are compared by. */
interface TimingContext {
  baseline: RunData;
  candidate: RunData;
  /** Equal round numbers of both are a moment apart. */
  paired: boolean;
  sensitivity: Sensitivity | undefined;
  learned: Learned | undefined;
}

/** A time of both cells; a run that lacks it has no series. */
interface Timed {
  what: string;
  judged: boolean;
  series: { baseline: Series | undefined; candidate: Series | undefined };
  goodShare: { baseline: number; candidate: number };
}

/**
 * All times of a cell that both runs have, those that one lacks, and one missing effect where neither has any that counts.
 * Those with a verdict that waits for all others are open.
 */
export function timings(
  pair: Pair,
  context: TimingContext,
  settings: CompareSettings,
): ({ open: OpenTiming } | { effect: Effect })[] {
  const judged = settings.only?.includes('timing') ?? true;
  const handshakes = [...JUDGED, ...TOLD].map((what): Timed => ({
    what,
    judged: judged && !isTold(what),
    series: {
      baseline: milestoneSeries(context.baseline, pair.baseline, what),
      candidate: milestoneSeries(context.candidate, pair.candidate, what),
    },
    goodShare: { baseline: goodShare(pair.baseline), candidate: goodShare(pair.candidate) },
  }));
  const load: Timed = {
    what: 'endToEnd',
    judged,
    series: { baseline: loadSeries(pair.baseline), candidate: loadSeries(pair.candidate) },
    goodShare: { baseline: 1, candidate: 1 },
  };
  const found = [
    ...[...handshakes, load].flatMap((timed) => compared(timed, pair, context, settings)),
    ...eventEffects(pair, context.learned).map((effect) => ({
      effect: { ...effect, judged: judged && effect.judged },
    })),
  ];
  // Of an event that nobody judges there is a time nevertheless.
  const isTimed = (one: (typeof found)[number]): boolean => 'effect' in one || !isTold(one.open.what);
  return found.some(isTimed) ? found : [...found, { effect: { ...nothingTimed(), judged } }];
}

function compared(
  { what, series: { baseline, candidate }, ...about }: Timed,
  pair: Pair,
  { paired, sensitivity, learned }: TimingContext,
  settings: CompareSettings,
): ({ open: OpenTiming } | { effect: Effect })[] {
  if (baseline === undefined || candidate === undefined) {
    if (isTold(what) || baseline === candidate) return [];
    const effect = baseline === undefined ? missingInBaseline(what) : missing(what, pair.candidate);
    return [{ effect: { ...effect, judged: about.judged } }];
  }
  const aligned = paired ? alignRounds(baseline, candidate) : undefined;
  const series = aligned ?? { baseline, candidate };
  const together = aligned !== undefined;
  const { id } = pair.candidate;
  const detectable =
    sensitivity &&
    detectableMs(sensitivity, {
      id,
      what,
      rounds: Math.min(series.baseline.timesUs.length, series.candidate.timesUs.length),
      paired: together,
    });
  const open = openTiming(
    { what, ...about, ...series, paired: together, learned: learned?.floorOf(id, what) },
    settings,
  );
  return [{ open: { ...open, detectableMs: detectable } }];
}

function isTold(what: string): boolean {
  return TOLD.some((told) => told === what);
}
