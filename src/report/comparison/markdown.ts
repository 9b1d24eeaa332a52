import type { Comparison } from '../../compare/comparison.ts';
import type { Gate } from '../../gate/gate.ts';
import { slug } from '../format.ts';
import { escaped, table } from '../markdown.ts';
import { columnsOf } from '../tables.ts';
import type { Judgement } from './judgement.ts';
import { allEffectsTable, changesTable, checksTable } from './tables.ts';
import { gateSentence, missingSentences, reasons, verdictSentence } from './words.ts';

/** GitHub takes comments of 65,536 characters; what is folded away is left out first. */
const MOST_CHARACTERS = 60_000;

/**
 * The judgement for a job's page and for a comment on a pull request: GitHub-flavoured Markdown. Its first line, which is
 * not shown, is the same for every run of a scenario ({@link commentMarker}): whoever posts it finds the comment of the
 * run before by it, and edits that one in place.
 */
export function judgementMarkdown(judgement: Judgement): string {
  const { candidate, comparison, gate } = judgement;
  const short = [
    commentMarker(candidate.scenario.name),
    `## ${escaped(candidate.scenario.name)}: ${escaped(candidate.scenario.question)}`,
    ...(gate === undefined ? [] : gateBlocks(gate)),
    ...(comparison === undefined ? [] : comparisonBlocks(comparison)),
  ];
  const all = [
    ...(comparison === undefined
      ? []
      : [folded('All that was compared', table(allEffectsTable(comparison)))]),
    ...(gate === undefined ? [] : [folded('All expectations', table(checksTable(gate, 'all')))]),
  ];
  const whole = `${[...short, ...all].join('\n\n')}\n`;
  return whole.length <= MOST_CHARACTERS ? whole : `${short.join('\n\n')}\n`;
}

/** What marks the comment of a scenario, so that it can be found again; GitHub shows nothing of it. */
export function commentMarker(scenario: string): string {
  return `<!-- mqtt-tls-bench ${slug(scenario)} -->`;
}

function gateBlocks(gate: Gate): string[] {
  const sentence = escaped(gateSentence(gate));
  return gate.passed
    ? [`**${sentence}**`]
    : [`> [!CAUTION]\n> ${sentence}`, table(checksTable(gate, 'failed'))];
}

const ALERTS = { regressed: 'CAUTION', inconclusive: 'WARNING', improved: 'TIP', unchanged: 'NOTE' } as const;

function comparisonBlocks(comparison: Comparison): string[] {
  const { verdict, baseline, candidate, environment, settings } = comparison;
  const told = reasons(comparison);
  const problems = [...comparison.notes, ...missingSentences(comparison)];
  const { minEffectMs, minEffectPercent, history } = settings;
  const learned = history === undefined ? '' : ', or the floor that past runs of the cell taught';
  return [
    `> [!${ALERTS[verdict]}]\n> ${escaped(verdictSentence(comparison))}`,
    ...(problems.length === 0 ? [] : [problems.map((text) => `- ${escaped(text)}`).join('\n')]),
    table(changesTable(comparison)),
    ...(told.length === 0 ? [] : [folded('Why', told.map((text) => `- ${escaped(text)}`).join('\n'))]),
    ...(environment.length === 0
      ? []
      : [
          `What differs beside the code, and may be the reason:\n\n${table({
            columns: columnsOf('what', 'baseline', 'candidate'),
            rows: environment.map(({ what, ...sides }) => ({
              cells: [what, sides.baseline, sides.candidate],
            })),
          })}`,
        ]),
    `<sub>${escaped(
      `Differences are candidate − baseline, of medians, with 95 % intervals (block bootstrap over rounds). A time is called regressed when its interval lies beyond ${minEffectMs} ms and ${minEffectPercent} %${learned}, all comparisons counted. Baseline ${baseline.path}, ${baseline.startedAt}; candidate ${candidate.path}, ${candidate.startedAt}.`,
    )}</sub>`,
  ];
}

function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}
