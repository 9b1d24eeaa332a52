import { WIRE_INSTANTS } from '../../measure/milestones.ts';
import type { CellResult } from '../../results/schema.ts';
import { integer, ms } from '../format.ts';
import { columnsOf, type Table } from '../tables.ts';

/** Those that both broker and wire tell of. */
const COMPARED = WIRE_INSTANTS.filter((name) => name !== 'firstFlight');

const SOURCES = { broker: 'the broker itself', wire: 'the wire' } as const;

/** A row for each cell that says who told of its broker's side: the medians of the broker's instants minus the wire's. */
export function brokerSideTable(
  cells: readonly CellResult[],
  axes: readonly ('mode' | 'link' | 'broker' | 'topology' | 'workload')[],
): Table {
  return {
    columns: columnsOf(...axes, 'told by', ...COMPARED.map((name) => `#${name}, ms`), '#n'),
    rows: cells.flatMap((cell) => {
      const { brokerSide } = cell;
      if (brokerSide === undefined) return [];
      const { source, differences = {} } = brokerSide;
      const counts = Object.values(differences).map(({ count }) => count);
      return [
        {
          cells: [
            ...axes.map((axis) => cell[axis]),
            SOURCES[source],
            ...COMPARED.map((name) => ms(differences[name]?.p50Ms)),
            integer(counts.length === 0 ? undefined : Math.max(...counts)),
          ],
        },
      ];
    }),
  };
}
