import { isSingle } from '../results/cell.ts';
import { parseNegotiatedLine, type NegotiatedLine } from '../results/negotiated-line.ts';
import type { CellResult } from '../results/schema.ts';
import { expectedOf } from '../scenario/expect.ts';
import type { Checker } from './gate.ts';

/** Every attempt must have negotiated what is expected; one that did not is one too many. */
export const checkNegotiated: Checker = ({ cells }, { negotiated }) =>
  cells.flatMap((cell) => {
    if (!isSingle(cell)) return [];
    const expected = expectedOf(negotiated, cell.mode) ?? {};
    const lines = linesOf(cell);
    return Object.entries(expected).flatMap(([what, value]) => {
      if (value === undefined) return [];
      const name = what as keyof NegotiatedLine;
      const found = [...Map.groupBy(lines, ({ parts }) => parts[name]?.toString() ?? 'none')];
      return [
        {
          expectation: 'negotiated' as const,
          cell: cell.id,
          what,
          expected: String(value),
          found: found.map(([text, of]) => `${text} (${sum(of)})`).join(', ') || 'nothing was negotiated',
          passed: lines.length > 0 && lines.every(({ parts }) => parts[name] === value),
        },
      ];
    });
  });

function linesOf({ negotiated }: CellResult): { parts: NegotiatedLine; count: number }[] {
  return Object.entries(negotiated).map(([line, count]) => ({ parts: parseNegotiatedLine(line), count }));
}

function sum(lines: readonly { count: number }[]): number {
  return lines.reduce((total, { count }) => total + count, 0);
}
