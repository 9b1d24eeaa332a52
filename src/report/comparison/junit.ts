import type { Effect } from '../../compare/comparison.ts';
import type { Check } from '../../gate/gate.ts';
import { fixed } from '../format.ts';
import { escapeText } from '../html/markup.ts';
import type { Judgement } from './judgement.ts';
import { expectationOf, nameOf } from './tables.ts';

/** A test of a suite; what is inconclusive is skipped, as nobody knows. */
interface Case {
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  message: string;
}

/**
 * JUnit XML, which every CI system shows: a suite for each cell, a test for each thing that was compared or expected.
 * Written after the schema that Jenkins and GitLab read (testsuites, testsuite, testcase, failure, skipped).
 */
export function judgementJunit({ candidate, comparison, gate }: Judgement): string {
  const suites = [
    ...(comparison === undefined
      ? []
      : [...comparison.cells, ...comparison.groups].map(({ id, effects }) =>
          suiteOf(`compare ${id}`, effects.filter(({ judged }) => judged).map(caseOfEffect)),
        )),
    ...(comparison?.missing.inCandidate ?? []).map((id) =>
      suiteOf(`compare ${id}`, [
        { name: 'is there', outcome: 'failed', message: 'The candidate lacks this cell.' },
      ]),
    ),
    ...[...Map.groupBy(gate?.checks ?? [], ({ cell }) => cell)].map(([cell, checks]) =>
      suiteOf(`expect ${cell}`, checks.map(caseOfCheck), cell === 'run' ? gate?.notes : []),
    ),
  ];
  const { name } = candidate.scenario;
  const lines = [`<testsuites name="${escapeText(name)}">`, ...suites.flat(), '</testsuites>'];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join('\n')}\n`;
}

/** Lines of a suite, with what a reader of it should know. */
function suiteOf(name: string, cases: readonly Case[], notes: readonly string[] = []): string[] {
  const count = (outcome: Case['outcome']): number => cases.filter((one) => one.outcome === outcome).length;
  const counts = `tests="${cases.length}" failures="${count('failed')}" skipped="${count('skipped')}"`;
  return [
    `  <testsuite name="${escapeText(name)}" ${counts}>`,
    ...cases.map((one) => `    ${caseOf(name, one)}`),
    ...(notes.length === 0 ? [] : [`    <system-out>${notes.map(escapeText).join('\n')}</system-out>`]),
    '  </testsuite>',
  ];
}

function caseOf(suite: string, { name, outcome, message }: Case): string {
  const start = `<testcase classname="${escapeText(suite)}" name="${escapeText(name)}"`;
  if (outcome === 'passed') return `${start}/>`;
  const element = outcome === 'failed' ? 'failure' : 'skipped';
  return `${start}><${element} message="${escapeText(message)}"/></testcase>`;
}

function caseOfEffect(effect: Effect): Case {
  const outcome = ({ regressed: 'failed', inconclusive: 'skipped' } as const)[
    effect.verdict as 'regressed' | 'inconclusive'
  ] as Case['outcome'] | undefined;
  const { baseline, candidate, unit, because } = effect;
  const figures =
    baseline === undefined || candidate === undefined
      ? ''
      : ` Baseline ${fixed(baseline, 2)}, candidate ${fixed(candidate, 2)} ${unit}.`;
  return { name: nameOf(effect), outcome: outcome ?? 'passed', message: `${because}${figures}` };
}

function caseOfCheck(check: Check): Case {
  const { passed, expected, found } = check;
  return {
    name: expectationOf(check),
    outcome: passed ? 'passed' : 'failed',
    message: `expected ${expected}, found ${found}`,
  };
}
