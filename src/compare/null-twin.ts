import type { CellResult, LinkResult, Results } from '../results/schema.ts';
import { pureDelayMs } from '../results/trips.ts';

/** What a cell's trips were inferred against: the same cell over a link of the same run that changes nothing. */
export interface NullTwin {
  cell: CellResult;
  /** How much longer the cell's own link delays: what one trip is, in milliseconds. */
  tripMs: number;
}

/**
 * The null-link twins of a run, by the names of the cells that they are for. None of a cell over a null link, over one that
 * does more than delay, or in a run without a null link: there no trips are inferred.
 */
export function nullTwinsOf({ cells, links }: Pick<Results, 'cells' | 'links'>): Map<string, NullTwin> {
  const linkOf = new Map(links.map((link) => [link.id, link]));
  const overNull = new Map<string, CellResult>();
  for (const cell of cells) {
    const key = keyOf(cell);
    // Of several null links the run took the first one.
    if (isNull(linkOf.get(cell.link)) && !overNull.has(key)) overNull.set(key, cell);
  }
  return new Map(
    cells.flatMap((cell): [string, NullTwin][] => {
      const twin = overNull.get(keyOf(cell));
      const delayMs = pureDelayMs(linkOf.get(cell.link));
      if (twin === undefined || delayMs === undefined || isNull(linkOf.get(cell.link))) return [];
      return [[cell.id, { cell: twin, tripMs: delayMs - (pureDelayMs(linkOf.get(twin.link)) ?? 0) }]];
    }),
  );
}

function keyOf({ mode, broker, topology, workload }: CellResult): string {
  return JSON.stringify([mode, broker, topology, workload]);
}

function isNull(link: LinkResult | undefined): boolean {
  return link !== undefined && Object.values(link.requested).every((value) => value === 0);
}
