import type { Milestone } from '../measure/milestones.ts';
import type { CellResult, LinkResult } from '../results/schema.ts';
import { fixed, msText } from './format.ts';
import { distributionOf } from './groups.ts';

/** A sentence on how much of the medians of a milestone the trips leave unexplained; none where nothing is predicted. */
export function unexplained(
  cells: readonly CellResult[],
  link: LinkResult | undefined,
  milestone: Milestone,
): string[] {
  const residuals = cells
    .flatMap((cell) => {
      const trips = cell.trips[milestone];
      return trips === undefined || distributionOf(cell, milestone) === undefined
        ? []
        : [{ mode: cell.mode, ms: trips.residualMs }];
    })
    .toSorted((a, b) => Math.abs(b.ms) - Math.abs(a.ms));
  const [worst] = residuals;
  if (worst === undefined) return [];
  const delays = link?.measured;
  const measured =
    delays === undefined ? '' : ` (${fixed(delays.upMs, 2)} ms up, ${fixed(delays.downMs, 2)} ms down)`;
  const who = residuals.length === 1 ? 'the median' : 'every median';
  const rated = cells.some((cell) => cell.trips[milestone]?.serializationMs !== undefined);
  const [what, rest] = rated
    ? [', and bytes at its rate,', 'compute, queueing and scheduling']
    : ['', 'compute, bytes and scheduling'];
  return [
    `Trips at the measured one-way delay${measured}${what} explain ${who} to within ${msText(Math.abs(worst.ms))} (${worst.mode}); the rest is ${rest}.`,
  ];
}
