import { styleText } from 'node:util';
import CliTable from 'cli-table3';
import { workloadKindOf } from '../results/cell.ts';
import type { Results } from '../results/schema.ts';
import { accessSentences } from './access.ts';
import { answersOf } from './answer.ts';
import { brokerMatrices, matrixTable, numberedReasons } from './broker-matrix.ts';
import { printable } from './format.ts';
import { counted } from '../words.ts';
import { groupWords, linkWords, type Group } from './groups.ts';
import { inferenceSentences } from './inference.ts';
import { problemsOf } from './problems.ts';
import { summaryTable, type Table } from './tables.ts';
import { FLEET_REPORTS } from './workloads/index.ts';

/** How wide the summary is at most, as long as no mode has a very long name. */
const WIDTH = 100;

/** So many warnings do not push the answer off the screen. */
const WARNINGS = 3;

/**
 * The summary for a terminal: question, problems, answer and main table of each link. Coloured only where `stream` is
 * a terminal and the environment (NO_COLOR) lets it be.
 */
export function reportTerminal(results: Results, stream: NodeJS.WritableStream = process.stdout): string {
  const paint: Paint = (format, text) => styleText(format, text, { stream });
  const problems = problemsOf(results).map(({ severity, text }) =>
    paint(severity === 'grave' ? 'red' : 'yellow', wrap(`! ${printable(text)}`)),
  );
  const groups = answersOf(results).flatMap(({ group, sentences, table }) => {
    const [first = '', ...more] = sentences.map(printable);
    const answer = [paint('bold', wrap(first)), ...(more.length === 0 ? [] : [wrap(more.join(' '))])];
    return [
      answer.join('\n'),
      `${paint('dim', wrap(printable(`${group.label}: ${groupWords(group)}`)))}\n${draw(table ?? tableOf(group), paint)}`,
    ];
  });
  const matrices = brokerMatrices(results).map((matrix) =>
    [
      paint('dim', wrap(printable(`first data by broker, ms, ${matrix.label}: ${linkWords(matrix.link)}`))),
      draw(matrixTable(matrix), paint),
      ...numberedReasons(matrix).map((text) => wrap(printable(text))),
    ].join('\n'),
  );
  const access = accessSentences(results).map((sentence) => wrap(printable(sentence)));
  const inferences = inferenceSentences(results).map((sentence) => wrap(printable(sentence)));
  const shown = results.warnings.slice(0, WARNINGS).map((text) => `Warning: ${printable(text)}`);
  const hidden = results.warnings.length - shown.length;
  const more = hidden === 0 ? [] : [`${counted(hidden, 'more warning')} in the report.`];
  const warnings = [...shown, ...more].map((text) => paint('yellow', wrap(text)));
  return [
    paint('bold', wrap(printable(results.scenario.question))),
    ...problems,
    ...matrices,
    ...groups,
    ...access,
    ...inferences,
    ...warnings,
  ].join('\n\n');
}

/** Styles text, or leaves it where the stream takes no colour. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** The table of a group, without the columns that the terminal has no room for; the other reports have them. */
function tableOf(group: Group): Table {
  const report = FLEET_REPORTS.find(({ kind }) => group.cells.some((cell) => workloadKindOf(cell) === kind));
  const { columns, rows } = report?.table(group) ?? summaryTable(group);
  const leftOut = new Set(report?.wideColumns ?? ['95 % interval']);
  const kept = columns.flatMap(({ title }, index) => (leftOut.has(title) ? [] : [index]));
  return {
    columns: kept.flatMap((index) => columns[index] ?? []),
    rows: rows.map((row) => ({ ...row, cells: kept.map((index) => row.cells[index] ?? '') })),
  };
}

/** A table without borders; names in the first column are folded. */
export function draw({ columns, rows }: Table, paint: Paint): string {
  const table = new CliTable({
    // One word a line keeps the columns as narrow as their figures.
    head: columns.map(({ title }) =>
      title
        .split(' ')
        .map((word) => paint('dim', word))
        .join('\n'),
    ),
    colAligns: columns.map(({ numeric }) => (numeric ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: Object.fromEntries(BORDERS.map((name) => [name, ''])),
  });
  table.push(
    ...rows.map(({ cells }) =>
      cells.map((cell, index) => (index === 0 ? folded(printable(cell), paint) : printable(cell))),
    ),
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Names of modes with axes are folded into lines of so many characters: figures need the rest. */
const NAME_WIDTH = 24;

/** A mode's identifier, bold, in lines that begin with an axis or a bracket, or inside an axis after an underscore. */
function folded(name: string, paint: Paint): string {
  const lines: string[] = [];
  for (const part of name.length <= NAME_WIDTH ? [name] : name.split(/(?=\+)|(?<=[_=])|(?<= )(?=\()/)) {
    const last = lines.at(-1);
    const fits = last !== undefined && !part.startsWith('+') && last.length + part.length <= NAME_WIDTH;
    if (fits) lines[lines.length - 1] = `${last}${part}`;
    else lines.push(lines.length > 0 && !part.startsWith('+') ? `  ${part}` : part);
  }
  return lines.map((line) => paint('bold', line)).join('\n');
}

const BORDERS = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'right',
  'right-mid',
  'mid',
  'mid-mid',
  'middle',
];

/** Breaks plain text at spaces, and before the axes of a name that is too long for a line; what follows the first line is not indented. */
export function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    for (const [index, part] of (word.length <= WIDTH ? [word] : word.split(/(?=\+)/)).entries()) {
      const last = lines.at(-1);
      const space = index === 0 ? ' ' : '';
      if (last !== undefined && last.length + space.length + part.length <= WIDTH)
        lines[lines.length - 1] = `${last}${space}${part}`;
      else lines.push(part);
    }
  }
  return lines.join('\n');
}
