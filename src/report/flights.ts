import type { CellResult, FlightRow } from '../results/schema.ts';

const LEAVES = / leaves?$/;

/**
 * The flights of a cell as they leave, in order. The rows of its flight table end with what has arrived (`the broker
 * holds …`); that is a milestone, and is read from there.
 */
export function departures(cell: CellResult): FlightRow[] {
  return cell.flights.filter(({ what }) => LEAVES.test(what));
}

/** The messages of a flight, separated by commas: what it is without its verb. */
export function messagesOf({ what }: FlightRow): string {
  return what.replace(LEAVES, '');
}
