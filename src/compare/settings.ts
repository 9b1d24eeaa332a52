import type { EffectKind } from './comparison.ts';

/**
 * What is too small to matter. A difference must clear both floors of its kind. Those of time were chosen on a shared
 * 2-core machine: medians of whole runs of the same code differ there by up to 3 ms when others work beside it.
 */
export interface CompareSettings {
  minEffectMs: number;
  /** Percent of the baseline's median. */
  minEffectPercent: number;
  /** Kinds of effects that count for the verdicts; the others are told all the same. Absent: all. */
  only?: readonly EffectKind[] | undefined;
}

export const DEFAULT_SETTINGS: CompareSettings = { minEffectMs: 2, minEffectPercent: 1 };

/** Bytes of a handshake: signatures of ECDSA vary by some, tickets and names by a few. */
export const BYTES_FLOOR = { bytes: 32, percent: 1 };

/** Points of percent by which losses must differ. */
export const LOSSES_FLOOR_PERCENT = 0.5;

/**
 * More losses that are beyond the floor and no finding are `inconclusive` where chance makes as many in fewer runs than one of
 * eight: three attempts after none of as many are just rarer than that, two (one of four) are not.
 */
export const LOSSES_DOUBT = 1 / 8;

/** Percent by which the rate of received messages must differ. */
export const THROUGHPUT_FLOOR_PERCENT = 2;

/** Fewer good samples tell nothing. */
export const FEWEST_SAMPLES = 10;

/** Where fewer of the attempts are left undisturbed than this, the rest is not to be trusted either. */
export const LEAST_GOOD_SHARE = 0.5;

/** How far inferred trips may be from a whole number to be one. */
export const TRIPS_TOLERANCE = 0.25;

/** Trips by which two inferences must differ: 5.24 and 5.76 are the whole numbers 5 and 6, and half a trip apart. */
export const LEAST_TRIPS = 0.75;

/**
 * A trip must be so many times the smallest time that matters to be told from what medians of the same code differ by: with
 * the floor of 2 ms, 6 ms. {@link LEAST_TRIPS} of that are 4.5 ms, half as much again as was ever seen.
 */
export const SHORTEST_TRIP = 3;
