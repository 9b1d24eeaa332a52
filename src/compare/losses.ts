import type { CellResult } from '../results/schema.ts';
import { differenceOfShares, fisherGreater, type Share } from '../stats/proportions.ts';
import { FALSE_DISCOVERY_RATE, type Verdict } from '../stats/verdict.ts';
import type { Effect } from './comparison.ts';
import { LOSSES_DOUBT, LOSSES_FLOOR_PERCENT } from './settings.ts';

/** Losses whose verdict still waits for all other comparisons to be counted. */
export interface OpenLosses {
  baseline: Share;
  candidate: Share;
  /** How likely chance does this when both lose alike. */
  p: { worse: number; better: number };
}

/** The attempts of cells that failed or were excluded. */
export function lossesOf(cells: readonly CellResult[]): Share {
  return {
    part: cells.reduce((sum, { samples }) => sum + samples.failed + samples.excluded, 0),
    whole: cells.reduce((sum, { samples }) => sum + samples.attempted, 0),
  };
}

/**
 * Compares losses by Fisher's exact test. `group` are the baseline's losses of all cells over the same link: where it
 * lost nothing in any of them, all its attempts together speak for the cell, and 4 of 200 lost are a finding, which
 * beside 0 of 200 they are not.
 */
export function openLosses(baseline: Share, candidate: Share, group: Share = baseline): OpenLosses {
  const before = group.part === 0 ? group : baseline;
  return {
    baseline,
    candidate,
    p: { worse: fisherGreater(before, candidate), better: fisherGreater(candidate, baseline) },
  };
}

/**
 * The verdict, with the p-values adjusted for the losses of all cells and groups. More losses beyond the floor that chance
 * might have made, but seldom does, are `inconclusive` ({@link LOSSES_DOUBT}). `unchanged` says less here than of times: that no
 * more is lost than chance often makes. An interval within half a point takes 800 rounds without a loss, and many more with some.
 */
export function closeLosses(open: OpenLosses, adjustedP: { worse: number; better: number }): Effect {
  const { baseline, candidate, p } = open;
  const { value, low, high } = differenceOfShares(baseline, candidate);
  const beyond = Math.abs(value) * 100 >= LOSSES_FLOOR_PERCENT;
  const found = (which: 'worse' | 'better'): Verdict | undefined => {
    if (!beyond || p[which] > (which === 'worse' ? LOSSES_DOUBT : FALSE_DISCOVERY_RATE)) return undefined;
    if (p[which] <= FALSE_DISCOVERY_RATE && adjustedP[which] <= FALSE_DISCOVERY_RATE)
      return which === 'worse' ? 'regressed' : 'improved';
    // One attempt happens to any run, and among many cells there is always one that it happened to.
    return Math.round(Math.abs(value) * candidate.whole) > 1 ? 'inconclusive' : undefined;
  };
  const verdict = found('worse') ?? found('better') ?? 'unchanged';
  return {
    kind: 'losses',
    what: 'failed or excluded',
    unit: '%',
    verdict,
    judged: true,
    because: `${told(candidate)} were lost, in the baseline ${told(baseline)}${verdict === 'inconclusive' ? ': chance may do that, but seldom does' : ''}.`,
    baseline: percent(baseline),
    candidate: percent(candidate),
    difference: value * 100,
    interval: { low: low * 100, high: high * 100 },
    floor: LOSSES_FLOOR_PERCENT,
    adjustedP: value < 0 ? adjustedP.better : adjustedP.worse,
    samples: { baseline: baseline.whole, candidate: candidate.whole },
  };
}

function told({ part, whole }: Share): string {
  return `${part} of ${whole}`;
}

function percent({ part, whole }: Share): number {
  return whole === 0 ? 0 : (part / whole) * 100;
}
