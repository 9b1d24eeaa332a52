import { markdownTable } from 'markdown-table';
import type { Results } from '../results/schema.ts';
import { accessSentences, accessTable, ACCESS_WORDS } from './access.ts';
import { answersOf } from './answer.ts';
import { brokerMatrices, matrixTable, numberedReasons, type BrokerMatrix } from './broker-matrix.ts';
import { departures } from './flights.ts';
import { fixed, printable } from './format.ts';
import { areRefused, timedWords } from './goal.ts';
import { escapeText } from './html/markup.ts';
import { fleetGroups, groupWords, handshakeGroups, headliners, linkWords, type Group } from './groups.ts';
import { inferenceWords, inferenceSentences, inferenceTable } from './inference.ts';
import { problemsOf } from './problems.ts';
import {
  detectedTable,
  DETECTED_WORDS,
  methodsTable,
  METHODS_WORDS,
  protectionGroups,
} from './protection.ts';
import { hopWords } from './trips.ts';
import { referenceTable, summaryTable, type Table } from './tables.ts';
import { FLEET_REPORTS } from './workloads/index.ts';

/** The report for a CI job's page: GitHub-flavoured Markdown. */
export function reportMarkdown(results: Results): string {
  const { scenario, tool, startedAt, durationMs } = results;
  const blocks = [
    `# ${escaped(scenario.question)}`,
    ...problemBlocks(results),
    ...answersOf(results).map(({ sentences }) => {
      const [first = '', ...more] = sentences.map(escaped);
      return [`**${first}**`, ...more].join(' ');
    }),
    ...brokerMatrices(results).flatMap(matrixBlocks),
    ...handshakeGroups(results).flatMap(groupBlocks),
    ...accessBlocks(results),
    ...inferenceBlocks(results),
    ...protectionGroups(results).flatMap(protectionBlocks),
    ...FLEET_REPORTS.flatMap((report) =>
      fleetGroups(results, report.kind).flatMap((group) => [
        `## ${report.heading}: ${escaped(group.label)}, ${escaped(groupWords(group))}`,
        table(report.table(group)),
        report.words,
      ]),
    ),
    ...warningBlocks(results),
    `<sub>${escaped(`${tool.name} ${tool.version}, scenario ${scenario.name}, ${startedAt}, took ${fixed(durationMs / 1000, 1)} s, seed ${results.seed}`)}</sub>`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function problemBlocks(results: Results): string[] {
  const problems = problemsOf(results);
  const alert = (kind: string, severity: string): string[] => {
    const own = problems.filter((problem) => problem.severity === severity);
    return own.length === 0
      ? []
      : [[`> [!${kind}]`, ...own.map(({ text }) => `> - ${escaped(text)}`)].join('\n')];
  };
  return [...alert('CAUTION', 'grave'), ...alert('WARNING', 'caution')];
}

function matrixBlocks(matrix: BrokerMatrix): string[] {
  const reasons = numberedReasons(matrix).map((text) => `- ${escaped(text)}`);
  return [
    `## Brokers beside each other: ${escaped(matrix.label)}, ${escaped(linkWords(matrix.link))}`,
    table(matrixTable(matrix)),
    'Medians of first data in milliseconds; numbers are those of the reasons.',
    ...(reasons.length === 0 ? [] : [reasons.join('\n')]),
  ];
}

function groupBlocks(group: Group): string[] {
  const references = headliners(group).filter((cell) => departures(cell).length > 0);
  return [
    `## ${areRefused(group.cells) ? 'Refusal' : 'First data'}: ${escaped(group.label)}, ${escaped(groupWords(group))}`,
    table(summaryTable(group)),
    `${timedWords(group.cells)}, measured. Predicted: trips × measured one-way delay, and bytes at the link’s rate. Residual: p50 minus predicted. Null: the same over a link without delay.${hopWords(group.cells)}`,
    ...byWire(group),
    ...references.flatMap((cell) => [
      `<details><summary>${escapeText(cell.mode)}: what leaves when, predicted beside measured</summary>`,
      table(referenceTable(cell)),
      '</details>',
    ]),
  ];
}

/** Says which figures no broker told. */
function byWire({ cells }: Group): string[] {
  const told = cells.filter(({ brokerSide }) => brokerSide?.source === 'wire');
  if (told.length === 0) return [];
  const brokers = [...new Set(told.map(({ broker }) => broker))].map(escaped).join(', ');
  return [
    `Of ${brokers} the wire tells: first data is there when CONNECT has come to the broker’s end of the link.`,
  ];
}

function accessBlocks(results: Results): string[] {
  const costs = accessTable(results);
  if (costs.rows.length === 0) return [];
  const sentences = accessSentences(results).map((sentence) => `- ${escaped(sentence)}`);
  return ['## Access management', sentences.join('\n'), table(costs), ACCESS_WORDS];
}

function protectionBlocks(group: Group): string[] {
  const detected = detectedTable(group);
  return [
    `## Protecting the payload: ${escaped(group.label)}, ${escaped(groupWords(group))}`,
    table(methodsTable(group)),
    METHODS_WORDS,
    ...(detected.rows.length === 0 ? [] : [table(detected), DETECTED_WORDS]),
  ];
}

function inferenceBlocks(results: Results): string[] {
  if (results.inferences.length === 0) return [];
  return [
    '## Theory and measurement',
    inferenceSentences(results)
      .map((sentence) => `- ${escaped(sentence)}`)
      .join('\n'),
    table(inferenceTable(results)),
    inferenceWords(results),
  ];
}

function warningBlocks({ warnings }: Results): string[] {
  return warnings.length === 0
    ? []
    : ['## Warnings', warnings.map((text) => `- ${escaped(text)}`).join('\n')];
}

/** A table as GitHub draws it. */
export function table({ columns, rows }: Table): string {
  const bold = (cells: string[], strong: boolean | undefined): string[] =>
    cells.map((cell) => (strong === true && cell !== '' ? `**${escaped(cell)}**` : escaped(cell)));
  return markdownTable(
    [columns.map(({ title }) => escaped(title)), ...rows.map(({ cells, strong }) => bold(cells, strong))],
    {
      align: columns.map(({ numeric }) => (numeric ? 'right' : 'left')),
    },
  );
}

/** Text that Markdown takes as text: names and reasons come from files. */
export function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]#~|$]/g, String.raw`\$&`);
}
