import { styleText } from 'node:util';
import type { Comparison } from '../../compare/comparison.ts';
import type { Gate } from '../../gate/gate.ts';
import { printable } from '../format.ts';
import { counted } from '../../words.ts';
import { columnsOf } from '../tables.ts';
import { draw, wrap, type Paint } from '../terminal.ts';
import type { Judgement } from './judgement.ts';
import { changesTable, checksTable } from './tables.ts';
import { gateSentence, missingSentences, reasons, verdictSentence } from './words.ts';

/** So many reasons do not push the table off the screen; all of them are in the Markdown. */
const REASONS = 8;

/** The judgement for a terminal. Coloured only where `stream` is a terminal and the environment (NO_COLOR) lets it be. */
export function judgementTerminal(
  { comparison, gate }: Judgement,
  stream: NodeJS.WritableStream = process.stdout,
): string {
  const paint: Paint = (format, text) => styleText(format, text, { stream });
  return [
    ...(gate === undefined ? [] : gateBlocks(gate, paint)),
    ...(comparison === undefined ? [] : comparisonBlocks(comparison, paint)),
  ].join('\n\n');
}

function gateBlocks(gate: Gate, paint: Paint): string[] {
  return [
    paint(gate.passed ? 'green' : 'red', wrap(gateSentence(gate))),
    ...noteBlock(gate.notes, paint),
    ...(gate.passed ? [] : [draw(checksTable(gate, 'failed'), paint)]),
  ];
}

function comparisonBlocks(comparison: Comparison, paint: Paint): string[] {
  const { baseline, candidate, verdict, notes, environment } = comparison;
  const colour = (
    { regressed: 'red', inconclusive: 'yellow', improved: 'green', unchanged: 'green' } as const
  )[verdict];
  const told = reasons(comparison);
  const hidden = told.length - REASONS;
  return [
    [
      paint('bold', paint(colour, wrap(verdictSentence(comparison)))),
      paint('dim', `baseline   ${printable(`${baseline.path}, ${baseline.startedAt}`)}`),
      paint('dim', `candidate  ${printable(`${candidate.path}, ${candidate.startedAt}`)}`),
    ].join('\n'),
    ...noteBlock([...notes, ...missingSentences(comparison)], paint),
    ...(environment.length === 0
      ? []
      : [
          draw(
            {
              columns: columnsOf('differs', 'baseline', 'candidate'),
              rows: environment.map(({ what, ...sides }) => ({
                cells: [what, sides.baseline, sides.candidate],
              })),
            },
            paint,
          ),
        ]),
    draw(changesTable(comparison), paint),
    ...blockOf([
      ...told.slice(0, REASONS).map((text) => wrap(printable(text))),
      ...(hidden > 0 ? [`${counted(hidden, 'more reason')} in --write markdown=FILE and --json.`] : []),
    ]),
  ];
}

function noteBlock(notes: readonly string[], paint: Paint): string[] {
  return blockOf(notes.map((text) => paint('yellow', wrap(`! ${printable(text)}`))));
}

function blockOf(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [lines.join('\n')];
}
