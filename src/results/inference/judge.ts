import type { FittedLine } from '../slopes.ts';
import type { Verdict } from './schema.ts';

/**
 * How far from theory a trip count may lie and still agree. What makes a connection differ costs whole trips, mostly two
 * at once, so that a quarter of one is the middle ground of none; a slope over delays of tens of milliseconds is within
 * 0.05 here.
 */
const MARGIN_TRIPS = 0.25;
/** An interval that is wider leaves more than one count possible. */
const WIDEST_TRIPS = 1;

/**
 * Holds an estimate against theory, as tests of equivalence do (Schuirmann, A comparison of the two one-sided tests
 * procedure, 1987): it agrees when it lies within a margin of theory that is too small to matter, and differs when its
 * interval leaves theory out as well; a difference that the margin allows is none, however narrow the interval.
 */
export function judge(theory: number, line: FittedLine): { verdict: Verdict; because?: string } {
  const { trips, tripsLow, tripsHigh } = line;
  if (tripsLow === undefined || tripsHigh === undefined)
    return { verdict: 'inconclusive', because: 'There are too few rounds for an interval.' };
  const range = `${tripsLow.toFixed(2)} to ${tripsHigh.toFixed(2)}`;
  if (tripsHigh - tripsLow > WIDEST_TRIPS)
    return { verdict: 'inconclusive', because: `The interval (${range}) is wider than a trip.` };
  if (Math.abs(trips - theory) <= MARGIN_TRIPS) return { verdict: 'agrees' };
  if (theory < tripsLow || theory > tripsHigh) return { verdict: 'differs' };
  return { verdict: 'inconclusive', because: `The interval (${range}) has theory and other counts in it.` };
}
