import type { Comparison } from '../../compare/comparison.ts';
import type { Gate } from '../../gate/gate.ts';
import { slug } from '../format.ts';
import { escaped, table } from '../markdown.ts';
import { columnsOf, type Table } from '../tables.ts';
import { fittingItems, fittingTable } from './fitting.ts';
import type { Judgement } from './judgement.ts';
import { allEffectsTable, changesTable, checksTable } from './tables.ts';
import { gateSentence, missingSentences, reasons, verdictSentence } from './words.ts';

/** GitHub takes comments of 65,536 characters. */
const MOST_CHARACTERS = 60_000;

/** How much is told, from all to what fits in any case: what is folded away is left out first, and rows last. */
const DETAILS = ['everything', 'reasons', 'rows', 'what fits'] as const;
type Detail = (typeof DETAILS)[number];

/** Characters for each part where all together would be too many; what is left is for sentences. */
const ROOM = { changes: 26_000, checks: 14_000, environment: 6_000, notes: 4_000 } as const;

/**
 * The judgement for a job's page and for a comment on a pull request: GitHub-flavoured Markdown. Its first line, which is
 * not shown, is the same for every run of a scenario ({@link commentMarker}): whoever posts it finds the comment of the
 * run before by it, and edits that one in place.
 */
export function judgementMarkdown(judgement: Judgement): string {
  for (const detail of DETAILS) {
    const text = pageOf(judgement, detail);
    if (text.length <= MOST_CHARACTERS) return text;
  }
  return pageOf(judgement, 'what fits');
}

function pageOf({ candidate, comparison, gate }: Judgement, detail: Detail): string {
  const all =
    detail !== 'everything'
      ? []
      : [
          ...(comparison === undefined
            ? []
            : [folded('All that was compared', table(allEffectsTable(comparison)))]),
          ...(gate === undefined ? [] : [folded('All expectations', table(checksTable(gate, 'all')))]),
        ];
  const blocks = [
    commentMarker(candidate.scenario.name),
    `## ${escaped(candidate.scenario.name)}: ${escaped(candidate.scenario.question)}`,
    ...(gate === undefined ? [] : gateBlocks(gate, detail)),
    ...(comparison === undefined ? [] : comparisonBlocks(comparison, detail)),
    ...all,
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** What marks the comment of a scenario, so that it can be found again; GitHub shows nothing of it. */
export function commentMarker(scenario: string): string {
  return `<!-- mqtt-tls-bench ${slug(scenario)} -->`;
}

function gateBlocks(gate: Gate, detail: Detail): string[] {
  const sentence = escaped(gateSentence(gate));
  return [
    gate.passed ? `**${sentence}**` : `> [!CAUTION]\n> ${sentence}`,
    ...listBlock(gate.notes, detail),
    ...(gate.passed ? [] : [drawn(checksTable(gate, 'failed'), detail, ROOM.checks)]),
  ];
}

const ALERTS = { regressed: 'CAUTION', inconclusive: 'WARNING', improved: 'TIP', unchanged: 'NOTE' } as const;

function comparisonBlocks(comparison: Comparison, detail: Detail): string[] {
  const { verdict, baseline, candidate, environment, settings } = comparison;
  const told = detail === 'everything' || detail === 'reasons' ? reasons(comparison) : [];
  const problems = [...comparison.notes, ...missingSentences(comparison)];
  const { minEffectMs, minEffectPercent, history } = settings;
  const learned = history === undefined ? '' : ', or the floor that past runs of the cell taught';
  return [
    `> [!${ALERTS[verdict]}]\n> ${escaped(verdictSentence(comparison))}`,
    ...listBlock(problems, detail),
    drawn(changesTable(comparison), detail, ROOM.changes),
    ...(told.length === 0 ? [] : [folded('Why', told.map((text) => `- ${escaped(text)}`).join('\n'))]),
    ...(environment.length === 0
      ? []
      : [
          `What differs beside the code, and may be the reason:\n\n${drawn(
            {
              columns: columnsOf('what', 'baseline', 'candidate'),
              rows: environment.map(({ what, ...sides }) => ({
                cells: [what, sides.baseline, sides.candidate],
              })),
            },
            detail,
            ROOM.environment,
          )}`,
        ]),
    `<sub>${escaped(
      `Differences are candidate − baseline, of medians, with 95 % intervals (block bootstrap over rounds). A time is called regressed when its interval lies beyond ${minEffectMs} ms and ${minEffectPercent} %${learned}, all comparisons counted. Baseline ${baseline.path}, ${baseline.startedAt}; candidate ${candidate.path}, ${candidate.startedAt}.`,
    )}</sub>`,
  ];
}

function drawn(whole: Table, detail: Detail, room: number): string {
  return detail === 'what fits' ? fittingTable(whole, room) : table(whole);
}

function listBlock(texts: readonly string[], detail: Detail): string[] {
  if (texts.length === 0) return [];
  const items = texts.map((text) => `- ${escaped(text)}`);
  return [(detail === 'what fits' ? fittingItems(items, ROOM.notes) : items).join('\n')];
}

function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}
