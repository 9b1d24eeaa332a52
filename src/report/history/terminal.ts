import { styleText } from 'node:util';
import type { HistoryEntry } from '../../history/entry.ts';
import { printable } from '../format.ts';
import { draw, type Paint } from '../terminal.ts';
import { runsTable, trendTable } from './table.ts';
import { trendsOf } from './trends.ts';

/**
 * A history for a terminal: its runs, and each cell over them. Coloured only where `stream` is a terminal and the
 * environment (NO_COLOR) lets it be.
 */
export function historyTerminal(
  history: readonly HistoryEntry[],
  stream: NodeJS.WritableStream = process.stdout,
): string {
  const paint: Paint = (format, text) => styleText(format, text, { stream });
  return [
    draw(runsTable(history), paint),
    ...trendsOf(history).map(
      (trend) => `${paint('bold', printable(trend.id))}\n${draw(trendTable(trend), paint)}`,
    ),
  ].join('\n\n');
}
