import type { Group } from '../groups.ts';
import type { Table } from '../tables.ts';

/** How a report tells of a workload in which a fleet acts together: one file each, named in `index.ts`. */
export interface FleetReport {
  /** The workload's. */
  kind: string;
  /** What the anchors of its sections begin with. */
  id: string;
  heading: string;
  /** The kind of its charts. */
  chart: string;
  /** What the table's columns are: both events, unit, measured or modelled. */
  words: string;
  /** A row for each mode of a group. */
  table(group: Group): Table;
  /** Columns that a terminal has no room for. */
  wideColumns: readonly string[];
  /** What became of a group's clients, in sentences; the first one answers the scenario's question. */
  sentences(group: Group): string[];
}
