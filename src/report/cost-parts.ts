import { FIRST_DATA } from '../measure/milestones.ts';
import type { CellResult, Results } from '../results/schema.ts';
import { firstData, isNull, type Group } from './groups.ts';

/** What the median of first data is made of, in milliseconds. The four add up to `p50Ms`. */
export interface CostParts {
  cell: CellResult;
  p50Ms: number;
  /** Trips in theory × the measured one-way delays, waiting for the congestion window and trips behind a hop included. */
  tripsMs: number;
  /** The flights' bytes at the link's rate, each direction at its own; 0 where it has none, or where no link saw the flights. */
  serializationMs: number;
  /** The median over the null link, without that link's own trips, at least 0; undefined where the run has no such sample. */
  restMs: number | undefined;
  /** What the others leave, of either sign. */
  residualMs: number;
}

/** The parts of each cell that has first data and a prediction. None over a null link, where there is nothing to part. */
export function costParts(results: Results, group: Group): CostParts[] {
  const { link } = group;
  if (link === undefined || isNull(link)) return [];
  const nullLink = results.links.find(isNull);
  const cellsOverNull = results.cells.filter((cell) => cell.link === nullLink?.id);
  return group.cells.flatMap((cell): CostParts[] => {
    const data = firstData(cell);
    const trips = cell.trips[FIRST_DATA];
    if (data === undefined || trips === undefined) return [];
    const { serializationMs = 0 } = trips;
    // The null link's own delay is the floor of the emulator, which the measured delay of this link has in it already; the
    // trips behind a hop are in both.
    const overNull = cellsOverNull.find((other) => sameButLink(other, cell))?.trips[FIRST_DATA];
    const restMs =
      trips.nullP50Ms === undefined ? undefined : Math.max(0, trips.nullP50Ms - (overNull?.predictedMs ?? 0));
    const residualMs = data.p50Ms - trips.predictedMs - (restMs ?? 0);
    return [
      {
        cell,
        p50Ms: data.p50Ms,
        tripsMs: trips.predictedMs - serializationMs,
        serializationMs,
        restMs,
        residualMs,
      },
    ];
  });
}

function sameButLink(one: CellResult, other: CellResult): boolean {
  return (
    one.mode === other.mode &&
    one.broker === other.broker &&
    one.topology === other.topology &&
    one.workload === other.workload
  );
}
