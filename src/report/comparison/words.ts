import type { Comparison } from '../../compare/comparison.ts';
import type { Gate } from '../../gate/gate.ts';
import { enumeration } from '../format.ts';
import { counted } from '../../words.ts';

/** What two runs came to, in a sentence. */
export function verdictSentence({ verdict, counts, cells, missing }: Comparison): string {
  const parts = (['regressed', 'improved', 'inconclusive', 'unchanged'] as const)
    .filter((name) => counts[name] > 0)
    .map((name) => `${counts[name]} ${name}`);
  const gone = missing.inCandidate.length;
  const lacks = gone === 0 ? '' : `, and ${counted(gone, 'cell')} missing`;
  const of =
    parts.length === 0 ? 'no cell in common' : `of ${counted(cells.length, 'cell')} ${enumeration(parts)}`;
  return `${capital(verdict)}: ${of}${lacks}.`;
}

/** What a gate's checks came to, in a sentence. */
export function gateSentence({ checks, passed }: Gate): string {
  const failed = checks.filter((check) => !check.passed).length;
  if (passed) return `The gate holds: all of ${counted(checks.length, 'expectation')}.`;
  return `The gate fails: ${failed} of ${counted(checks.length, 'expectation')}.`;
}

/** Cells that only one of two runs has, in sentences. */
export function missingSentences({ missing: { inCandidate, inBaseline } }: Comparison): string[] {
  return [
    ...inCandidate.map((id) => `${id} is missing in the candidate, which fails.`),
    ...inBaseline.map((id) => `${id} is new: the baseline has nothing to compare it with.`),
  ];
}

/** Why cells are not unchanged: a sentence for each effect that is not. */
export function reasons({ cells, groups }: Comparison): string[] {
  return [...cells, ...groups].flatMap(({ id, effects }) =>
    effects
      .filter(({ judged, verdict }) => judged && verdict !== 'unchanged')
      .map(({ what, verdict, because, roundsNeeded }) => {
        const more = roundsNeeded === undefined ? '' : ` About ${roundsNeeded} rounds of each would tell.`;
        return `${id}, ${what}: ${verdict}. ${because}${more}`;
      }),
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
