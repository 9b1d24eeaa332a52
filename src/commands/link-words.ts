import type { Direction, LinkSpec } from '../link/spec.ts';

/** One figure where both directions agree, else `up / down`. */
export function eachWay({ up, down }: LinkSpec, show: (way: Direction) => string): string {
  return show(up) === show(down) ? show(up) : `${show(up)} / ${show(down)}`;
}

/** A share as a percentage; nothing for none. */
export function percent(share: number): string {
  return share === 0 ? '' : `${+(share * 100).toPrecision(6)} %`;
}

/**
 * Gilbert–Elliott loss in two figures that a person can picture: the share of packets that it loses in the long run, and
 * how many packets a bad spell lasts.
 */
export function bursts({ p, r, lossBad, lossGood }: NonNullable<Direction['burstLoss']>): string {
  const bad = p / (p + r);
  const share = bad * lossBad + (1 - bad) * lossGood;
  return `${+(share * 100).toPrecision(2)} % in spells of ${+(1 / r).toPrecision(2)}`;
}
