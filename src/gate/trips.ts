import { isSingle } from '../results/cell.ts';
import { nullTwinsOf } from '../compare/null-twin.ts';
import { FEWEST_SAMPLES, TRIPS_TOLERANCE } from '../compare/settings.ts';
import { FIRST_DATA, type Milestone } from '../measure/milestones.ts';
import type { CellResult, LinkResult } from '../results/schema.ts';
import { pureDelayMs } from '../results/trips.ts';
import { expectedOf } from '../scenario/expect.ts';
import type { Check, Checker } from './gate.ts';

/** Delays shorter than this do not tell trips from compute. */
const SHORTEST_DELAY_MS = 1;

type Expected = 'theory' | number | Partial<Record<Milestone, number>>;

/**
 * Inferred trips must equal what is expected. They can be inferred over links that only delay; a mode that was measured
 * over no such link fails, as does a cell without inference, with few samples of its own or of the same cell over the null
 * link, or with trips that are no whole number. A number is of trips over the outer link; theory is of the inner one too.
 */
export const checkTrips: Checker = (results, { trips }) => {
  if (trips === undefined) return [];
  const twins = nullTwinsOf(results);
  const modes = Map.groupBy(
    results.cells.filter((cell) => isSingle(cell)),
    ({ mode }) => mode,
  );
  return [...modes].flatMap(([mode, cells]) => {
    const expected = trips === 'theory' ? trips : expectedOf<Expected>(trips, mode);
    if (expected === undefined) return [];
    const telling = cells.filter(({ link }) => tellsTrips(results.links.find(({ id }) => id === link)));
    if (telling.length === 0) {
      return [checkOf(mode, FIRST_DATA, describe(expected), { missing: 'no link that only delays' })];
    }
    return telling.flatMap((cell) => checkCell({ cell, twin: twins.get(cell.id)?.cell }, expected));
  });
};

function tellsTrips(link: LinkResult | undefined): boolean {
  return (pureDelayMs(link) ?? 0) >= SHORTEST_DELAY_MS;
}

/** A cell, and what its trips were inferred against. */
interface Inferred {
  cell: CellResult;
  twin: CellResult | undefined;
}

function checkCell(inferred: Inferred, expected: Expected): Check[] {
  const { cell } = inferred;
  if (typeof expected === 'object') {
    return Object.entries(expected).map(([name, count]) =>
      checkMilestone(inferred, name as Milestone, count),
    );
  }
  // Where clients are to be refused, there is no first data.
  const name = cell.milestones.refused === undefined ? FIRST_DATA : 'refused';
  if (expected !== 'theory') return [checkMilestone(inferred, name, expected)];
  const { inner, predicted } = cell.trips[name] ?? {};
  // The link behind a hop is judged where the run has a cell to infer its trips from.
  return [
    checkMilestone(inferred, name, predicted),
    ...(inner?.inferred === undefined
      ? []
      : [
          checkOf(cell.id, `${name}, inner link`, 'theory', {
            inferred: inner.inferred,
            expected: inner.predicted,
          }),
        ]),
  ];
}

function checkMilestone({ cell, twin }: Inferred, name: Milestone, expected: number | undefined): Check {
  const inferred = cell.trips[name]?.inferred;
  const few = [cell, ...(twin === undefined ? [] : [twin])].find(
    (each) => samplesOf(each, name) < FEWEST_SAMPLES,
  );
  const missing =
    few !== undefined
      ? `${samplesOf(few, name)} undisturbed samples${few === cell ? '' : ` of ${few.id}, from which they are inferred`}, expected at least ${FEWEST_SAMPLES}`
      : inferred === undefined || twin === undefined
        ? 'not inferred: is there a null link?'
        : undefined;
  return checkOf(
    cell.id,
    name,
    expected === undefined ? 'theory' : String(expected),
    missing === undefined ? { inferred, expected } : { missing },
  );
}

function samplesOf({ milestones }: CellResult, name: Milestone): number {
  return milestones[name]?.count ?? 0;
}

function checkOf(
  cell: string,
  what: string,
  expected: string,
  found: { inferred?: number | undefined; expected?: number | undefined; missing?: string },
): Check {
  return {
    expectation: 'trips',
    cell,
    what,
    expected,
    found: found.missing ?? (found.inferred ?? Number.NaN).toFixed(2),
    passed:
      found.inferred !== undefined &&
      found.expected !== undefined &&
      Math.abs(found.inferred - found.expected) <= TRIPS_TOLERANCE,
  };
}

function describe(expected: Expected): string {
  return typeof expected === 'object' ? Object.values(expected).join(', ') : String(expected);
}
