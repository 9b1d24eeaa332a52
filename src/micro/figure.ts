import { mean } from 'simple-statistics';
import { ascending, median, medianInterval } from '../stats/median.ts';

/** A cost in milliseconds: its median with a 95 % interval (order statistics), and its mean. */
export interface Figure {
  p50Ms: number;
  p50LowMs: number;
  p50HighMs: number;
  meanMs: number;
}

/** The figure of some samples in milliseconds. Throws when there are none. */
export function figureOf(samplesMs: readonly number[]): Figure {
  const { low, high } = medianInterval(ascending(samplesMs));
  return { p50Ms: median(samplesMs), p50LowMs: low, p50HighMs: high, meanMs: mean([...samplesMs]) };
}
