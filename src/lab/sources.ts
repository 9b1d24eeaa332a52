import { brokerNamed } from '../broker/index.ts';
import type { BackendName } from '../link/backend.ts';
import type { Cell } from '../scenario/plan.ts';
import { DIRECT } from '../topology/direct.ts';

/** Half of what a Linux kernel gives by itself; of the others some are still in TIME_WAIT, or somebody else's. */
const CLIENTS_PER_SOURCE = 14_000;
/** Third and fourth bytes of addresses in 127.0.0.0/8: cells have networks of their own, whose ports nobody has left in use. */
const MOST = 250;

/**
 * Whether a cell's clients may dial from any address of 127.0.0.0/8: where they dial their broker itself over loopback.
 * In a namespace of the run's own a link has one address at the clients' end, and behind an emulator or a hop the other
 * connections come from a single one.
 */
export function maySpread(
  { topology, broker }: Pick<Cell, 'topology' | 'broker'>,
  backend: BackendName,
): boolean {
  return backend === 'none' && topology.name === DIRECT.name && brokerNamed(broker.name).elsewhere !== true;
}

/** The addresses that so many clients of a cell dial from, in turn; none where the kernel may choose. */
export function sourcesOf(cell: Cell, backend: BackendName, clients: number): string[] {
  const count = Math.ceil(clients / CLIENTS_PER_SOURCE);
  if (count < 2 || !maySpread(cell, backend)) return [];
  return Array.from(
    { length: Math.min(count, MOST) },
    (_, index) => `127.0.${1 + (cell.index % MOST)}.${1 + index}`,
  );
}
