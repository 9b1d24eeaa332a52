import { readFile } from 'node:fs/promises';
import { brokerNamed } from '../broker/index.ts';
import type { BackendName } from '../link/backend.ts';
import type { Cell } from '../scenario/plan.ts';
import { DIRECT } from '../topology/direct.ts';

/** What a Linux kernel gives by itself to connections from one address (ip(7), ip_local_port_range). */
const USUAL_PORTS = 28_232;
/** Of the other ports some are still in TIME_WAIT, or somebody else's. */
const USABLE_SHARE = 0.5;
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

/**
 * The addresses that so many clients of a cell dial from, in turn, each with so many ports; none where the kernel may
 * choose.
 */
export function sourcesOf(
  cell: Cell,
  backend: BackendName,
  clients: number,
  ports: number = USUAL_PORTS,
): string[] {
  const count = Math.ceil(clients / Math.max(1, Math.floor(ports * USABLE_SHARE)));
  if (count < 2 || !maySpread(cell, backend)) return [];
  return Array.from(
    { length: Math.min(count, MOST) },
    (_, index) => `127.0.${1 + (cell.index % MOST)}.${1 + index}`,
  );
}

const PORT_RANGE = '/proc/sys/net/ipv4/ip_local_port_range';

/**
 * How many ports the kernel gives to connections from one address (ip(7), ip_local_port_range); undefined where it does not
 * tell.
 */
export async function portCount(): Promise<number | undefined> {
  const [first, last] = (await readFile(PORT_RANGE, 'utf8').catch(() => '')).trim().split(/\s+/).map(Number);
  return first === undefined || last === undefined ? undefined : last - first + 1;
}
