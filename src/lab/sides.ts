import { interleave } from '../scenario/paired.ts';
import type { Plan } from '../scenario/plan.ts';
import type { RunObserver } from './observer.ts';
import { textOf, without, withoutBoth, type Unsupported } from './unsupported.ts';

/** What a lab measures at one time and is told in results of its own: a plan, or each of two that are interleaved. */
export interface Side {
  plan: Plan;
  /** What could not be measured, and why. */
  unsupported: Unsupported[];
}

/** The plan of all sides: the only one's, or the baseline's and candidate's in the same rounds. */
export function togetherOf([first, second]: readonly Side[]): Plan {
  if (first === undefined) throw new Error('There is nothing to measure');
  return second === undefined ? first.plan : interleave({ baseline: first.plan, candidate: second.plan });
}

/** The cells of a side as they stand in the plan of all sides, in the same order. */
export function cellsTogether(sides: readonly Side[], side: Side, together: Plan): Plan['cells'] {
  const before = sides.slice(0, sides.indexOf(side)).reduce((sum, { plan }) => sum + plan.cells.length, 0);
  return together.cells.slice(before, before + side.plan.cells.length);
}

/**
 * The sides without what was found missing on each of them, and of two sides without its partner. Tells the observer. Throws
 * an environment error (exit code 5) when nothing is left.
 */
export function leaveOut(
  sides: readonly Side[],
  found: readonly Unsupported[][],
  observer: RunObserver,
): Side[] {
  const [first, second] = sides;
  const [ofFirst = [], ofSecond = []] = found;
  if (first === undefined) return [];
  for (const [reason, all] of Map.groupBy([...ofFirst, ...ofSecond], (out) => out.reason))
    observer.warn(`not supported here: ${[...new Set(all.map(textOf))].join(', ')}: ${reason}`);
  if (second === undefined)
    return [{ plan: without(first.plan, ofFirst), unsupported: [...first.unsupported, ...ofFirst] }];
  const { pair, unsupported } = withoutBoth(
    { baseline: first.plan, candidate: second.plan },
    { baseline: ofFirst, candidate: ofSecond },
  );
  return [
    { plan: pair.baseline, unsupported: [...first.unsupported, ...unsupported.baseline] },
    { plan: pair.candidate, unsupported: [...second.unsupported, ...unsupported.candidate] },
  ];
}
