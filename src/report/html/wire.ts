import type { CellResult } from '../../results/schema.ts';
import { integer } from '../format.ts';
import { columnsOf, type Table } from '../tables.ts';

type Wire = NonNullable<CellResult['wire']>;

/** A row for each end of each cell whose handshakes the link saw: its records, its bytes, its messages in order. */
export function wireTable(
  cells: readonly CellResult[],
  axes: readonly ('mode' | 'link' | 'broker' | 'topology' | 'workload')[],
): Table {
  return {
    columns: columnsOf(...axes, 'from', '#records', '#bytes', 'messages and their bytes'),
    rows: cells.flatMap((cell) => {
      const { wire } = cell;
      if (wire === undefined) return [];
      const where = axes.map((axis) => cell[axis]);
      return [
        {
          cells: [
            ...where,
            'client',
            integer(wire.recordsUp),
            integer(wire.handshakeUp),
            messages(wire, 'client'),
          ],
        },
        {
          cells: [
            ...where,
            'broker',
            integer(wire.recordsDown),
            integer(wire.handshakeDown),
            messages(wire, 'broker'),
          ],
        },
      ];
    }),
  };
}

function messages(wire: Wire, from: 'client' | 'broker'): string {
  const mine = wire.messages.filter((message) => message.from === from);
  const always = Math.max(...wire.messages.map(({ count }) => count));
  return mine
    .map(({ name, bytes, count }) => {
      const some = count === always ? '' : ` (in ${integer(count)} of ${integer(always)})`;
      return `${name} ${integer(bytes)}${some}`;
    })
    .join(', ');
}
