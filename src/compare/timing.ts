import type { LearnedFloor } from '../history/learned.ts';
import { differenceOfMedians, medianOfDifferences } from '../stats/block-bootstrap.ts';
import { median } from '../stats/median.ts';
import { upperTail } from '../stats/normal.ts';
import { verdictOf, type Verdict } from '../stats/verdict.ts';
import type { Effect, TimingSource } from './comparison.ts';
import type { Series } from './series.ts';
import { FEWEST_SAMPLES, LEAST_GOOD_SHARE, type CompareSettings } from './settings.ts';

/** What a timing is compared from. */
interface TimingInput {
  /** A milestone's name. */
  what: string;
  judged: boolean;
  baseline: Series;
  candidate: Series;
  /** Where both were measured in the same rounds, aligned: baseline[i] and candidate[i] are of one round. */
  paired: boolean;
  /** Of what was attempted, the share that is left in the series; a load has 1. */
  goodShare: { baseline: number; candidate: number };
  /** What past runs of the cell taught, in place of the general floors. */
  learned?: LearnedFloor | undefined;
}

/** A timing whose verdict still waits for all other comparisons to be counted. */
export interface OpenTiming extends Pick<TimingInput, 'what' | 'judged' | 'goodShare' | 'learned'> {
  source: TimingSource;
  samples: { baseline: number; candidate: number };
  /** In milliseconds. */
  estimate: Difference;
  floorMs: number;
  /** The smallest difference that the machine can detect in so many rounds, where an A/A run says so. */
  detectableMs?: number | undefined;
  /** How likely chance does this when the true effect is no more than the floor, on either side. */
  p: { worse: number; better: number };
}

type Difference = ReturnType<typeof differenceOfMedians>;

/**
 * Estimates the difference of a milestone's medians. Rounds of one run are paired; those of two runs, which are not
 * aligned in time, are resampled run by run ({@link differenceOfMedians}, {@link medianOfDifferences}).
 */
export function openTiming(
  { baseline, candidate, paired, ...about }: TimingInput,
  settings: CompareSettings,
): OpenTiming {
  const difference = paired ? differenceInRounds : differenceOfMedians;
  const estimate = inMs(difference(baseline.timesUs, candidate.timesUs));
  const floorMs =
    about.learned?.ms ??
    Math.max(settings.minEffectMs, (settings.minEffectPercent / 100) * estimate.baseline);
  return {
    ...about,
    source: paired ? 'paired rounds' : weaker(baseline.source, candidate.source),
    samples: { baseline: baseline.timesUs.length, candidate: candidate.timesUs.length },
    estimate,
    floorMs,
    p: {
      worse: tail((estimate.value - floorMs) / estimate.standardError),
      better: tail((-estimate.value - floorMs) / estimate.standardError),
    },
  };
}

function differenceInRounds(baseline: Int32Array, candidate: Int32Array): Difference {
  return {
    baseline: median([...baseline]),
    candidate: median([...candidate]),
    ...medianOfDifferences(candidate.map((time, index) => time - (baseline[index] ?? Number.NaN))),
  };
}

function inMs({ baseline, candidate, value, low, high, standardError }: Difference): Difference {
  return {
    baseline: baseline / 1000,
    candidate: candidate / 1000,
    value: value / 1000,
    low: low / 1000,
    high: high / 1000,
    standardError: standardError / 1000,
  };
}

/** The verdict, with the p-values adjusted for all judged timings of the two runs. */
export function closeTiming(open: OpenTiming, adjustedP: { worse: number; better: number }): Effect {
  const { what, judged, samples, estimate, floorMs } = open;
  const baselineMs = estimate.baseline;
  const distrust = distrustOf(open) ?? blindnessOf(open);
  const verdict = distrust === undefined ? verdictOf(estimate, floorMs, adjustedP) : 'inconclusive';
  // A load has seconds, and no rounds.
  const tellRounds = verdict === 'inconclusive' && open.source !== 'seconds';
  const roundsNeeded = tellRounds ? (roundsToSee(open) ?? roundsFor(open)) : undefined;
  return {
    kind: 'timing',
    what,
    unit: 'ms',
    verdict,
    judged,
    because: distrust ?? reasonOf(verdict, open),
    baseline: baselineMs,
    candidate: estimate.candidate,
    difference: estimate.value,
    ...(baselineMs > 0 ? { differencePercent: (estimate.value / baselineMs) * 100 } : {}),
    interval: { low: estimate.low, high: estimate.high },
    floor: floorMs,
    adjustedP: estimate.value < 0 ? adjustedP.better : adjustedP.worse,
    source: open.source,
    samples,
    ...(roundsNeeded === undefined ? {} : { roundsNeeded }),
  };
}

function weaker(a: Series['source'], b: Series['source']): TimingSource {
  return a === 'histograms' ? a : b;
}

/** A standard error of 0 makes 0/0 of no difference: that is no finding. */
function tail(z: number): number {
  return Number.isNaN(z) ? 1 : upperTail(z);
}

/** Why it tells nothing, whatever the difference is: too little was measured, or too much of it disturbed. */
export function distrustOf({ goodShare, samples, source }: OpenTiming): string | undefined {
  const ofWhat = source === 'seconds' ? 'seconds with messages' : 'undisturbed samples';
  for (const run of ['baseline', 'candidate'] as const) {
    if (samples[run] < FEWEST_SAMPLES)
      return `The ${run} has ${samples[run]} ${ofWhat}, fewer than ${FEWEST_SAMPLES}.`;
    if (goodShare[run] < LEAST_GOOD_SHARE) {
      return `Of the ${run}'s attempts ${Math.round(goodShare[run] * 100)} % are left undisturbed: the machine was too busy.`;
    }
  }
  return undefined;
}

/** Why a verdict would rest on a floor that the machine cannot see; what lies beyond what it can see does not rest on it. */
function blindnessOf({ detectableMs, floorMs, estimate: { low, high } }: OpenTiming): string | undefined {
  if (detectableMs === undefined || detectableMs <= floorMs) return undefined;
  if (low > detectableMs || high < -detectableMs) return undefined;
  return `The floor is ${floorMs.toFixed(2)} ms, and the A/A run says that ${detectableMs.toFixed(2)} ms is the least that can be detected here in so many rounds.`;
}

/** Rounds after which the machine can detect a difference of the floor. */
function roundsToSee(open: OpenTiming): number | undefined {
  const { detectableMs = 0, floorMs, samples } = open;
  if (blindnessOf(open) === undefined) return undefined;
  return reasonable(Math.min(samples.baseline, samples.candidate) * (detectableMs / floorMs) ** 2);
}

function reasonOf(verdict: Verdict, { estimate: { low, high }, floorMs, learned }: OpenTiming): string {
  const source = learned === undefined ? '' : `, learned from ${learned.runs} runs`;
  const floor = `${floorMs.toFixed(2)} ms${source}`;
  const beyond = low > floorMs || high < -floorMs;
  return {
    regressed: `With 95 % certainty it is slower by more than the floor of ${floor}.`,
    improved: `With 95 % certainty it is faster by more than the floor of ${floor}.`,
    unchanged: `With 95 % certainty the difference is within ±${floor}.`,
    inconclusive: beyond
      ? `It is beyond the floor of ${floor} by itself, but among so many comparisons chance may do that.`
      : `The interval lies on both sides of a floor of ±${floor}.`,
  }[verdict];
}

/**
 * Rounds of each run after which the interval, which narrows with their root, would lie on one side of the floor;
 * undefined where the effect is so near the floor that no reasonable number would do.
 */
function roundsFor({ estimate, floorMs, samples }: OpenTiming): number | undefined {
  const rounds = Math.min(samples.baseline, samples.candidate);
  const distance = Math.abs(Math.abs(estimate.value) - floorMs);
  const half = Math.max(estimate.high - estimate.value, estimate.value - estimate.low);
  const needed = reasonable(rounds * (half / distance) ** 2);
  return needed !== undefined && needed > rounds ? needed : undefined;
}

/** A number of rounds that somebody might measure; undefined for more. */
function reasonable(rounds: number): number | undefined {
  return rounds <= 100_000 ? Math.ceil(rounds) : undefined;
}
