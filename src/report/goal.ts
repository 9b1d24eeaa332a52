import { FIRST_DATA, type Milestone } from '../measure/milestones.ts';
import type { CellResult } from '../results/schema.ts';

/** What the connections of a cell are timed to. */
export interface Goal {
  milestone: typeof FIRST_DATA | 'refused';
  /** The end that it happens at. */
  end: 'client' | 'broker';
  /** Beside its instant in a picture. */
  label: string;
  /** What becomes of a client. */
  verb: string;
  /** What trips are counted to. */
  noun: string;
  /** What has happened then. */
  event: string;
}

const FIRST: Goal = {
  milestone: FIRST_DATA,
  end: 'broker',
  label: 'first data',
  verb: 'brings first data',
  noun: 'first data',
  event: 'first data, the broker holds the first byte of CONNECT',
};
const REFUSED: Goal = {
  milestone: 'refused',
  end: 'client',
  label: 'refused',
  verb: 'is refused',
  noun: 'the refusal',
  event: 'the client learns that it is refused',
};
const GIVEN_UP: Goal = {
  ...REFUSED,
  label: 'gives up',
  verb: 'gives up',
  event: 'the client gives up, since nothing answers it',
};

/** First data, or where clients are refused before it their refusal. */
export function goalOf(cell: CellResult): Goal {
  if (hasSamples(cell, FIRST_DATA)) return FIRST;
  return isClosed(cell) || hasSamples(cell, 'refused') ? refusalOf(cell) : FIRST;
}

/** How clients of a cell are refused, also where they are after first data. */
export function refusalOf(cell: CellResult): Goal {
  return givesUp(cell) ? GIVEN_UP : REFUSED;
}

/** Whether nothing answers the clients of a cell: theory has no trips to such a refusal. */
function givesUp(cell: CellResult): boolean {
  return isClosed(cell) && hasSamples(cell, 'refused') && cell.trips.refused === undefined;
}

/** Whether nobody is let through to the broker. */
function isClosed({ path }: CellResult): boolean {
  return path?.kind === 'closed';
}

function hasSamples({ milestones }: CellResult, name: Milestone): boolean {
  return (milestones[name]?.count ?? 0) > 0;
}

/** Whether no client of these cells comes to the broker's first data, and what is told is how they are refused. */
export function areRefused(cells: readonly CellResult[]): boolean {
  return cells.length > 0 && cells.every((cell) => goalOf(cell).milestone === 'refused');
}

/** What the main table of these cells has, to begin its explanation with. */
export function timedWords(cells: readonly CellResult[]): string {
  return areRefused(cells)
    ? 'Refusal: from the client’s intended start until it learns that it is refused, or gives up'
    : 'First data: from the client’s intended start to the broker’s first byte of CONNECT';
}
