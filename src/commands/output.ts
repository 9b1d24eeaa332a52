import { styleText } from 'node:util';
import Table from 'cli-table3';

/** Data for whoever called: stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One JSON document on stdout. */
export function printJson(document: unknown): void {
  print(JSON.stringify(document, null, 2));
}

/** For the person who watches: stderr. */
export function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Styles text for stdout; plain where colour is not wanted (NO_COLOR, no terminal). */
export function style(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

const NO_BORDER = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

/** A column narrower than this is left to the terminal to wrap. */
const NARROWEST = 24;
const GAP = 2;

/** Columns of text without borders; `head` may be empty. On a terminal the last column is wrapped to its width. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  aligns: ('left' | 'right')[] = [],
): string {
  const table = new Table({
    head: head.map((title) => style('bold', title)),
    chars: { ...NO_BORDER, middle: ' '.repeat(GAP) },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: aligns,
    colWidths: lastColumnWidth([head, ...rows], process.stdout.columns),
    wordWrap: true,
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Widths for the table library: all columns but the last as wide as their text. */
function lastColumnWidth(
  rows: readonly (readonly (string | number)[])[],
  terminalWidth: number | undefined,
): (number | null)[] {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => String(row[column] ?? '').length)),
  );
  const others = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0);
  const room = (terminalWidth ?? Infinity) - others;
  const last = widths.at(-1) ?? 0;
  if (last <= room || room < NARROWEST) return [];
  return [...Array.from({ length: count - 1 }, () => null), room];
}
