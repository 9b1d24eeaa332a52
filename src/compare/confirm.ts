import { worstOf } from '../stats/verdict.ts';
import { countVerdicts, verdictOfAll } from './compare.ts';
import type { ComparedCell, Comparison, Effect, EffectKind } from './comparison.ts';

/**
 * What chance or a busy moment may do, and a second measurement can tell from a regression; trips are inferred from medians.
 * Bytes and negotiated parameters are not measured again: they are the same every time.
 */
const BY_CHANCE: ReadonlySet<EffectKind> = new Set(['timing', 'trips', 'losses', 'throughput']);

type Judged = Pick<ComparedCell, 'id' | 'effects'>;

function isSuspect({ judged, verdict, kind }: Effect): boolean {
  return judged && verdict === 'regressed' && BY_CHANCE.has(kind);
}

/** Whether some cells, or a link's cells together, are suspected of losing more. */
export function suspectsLosses({ cells, groups }: Comparison): boolean {
  return [...cells, ...groups].some(({ effects }) =>
    effects.some((effect) => effect.kind === 'losses' && isSuspect(effect)),
  );
}

/**
 * The cells that are to be measured again: those that are slower, take more trips or lose more, all of a link that does so
 * together, and what suspicious trips are inferred from.
 */
export function suspectsOf({ cells, groups }: Comparison): string[] {
  const suspect = ({ effects }: Judged): boolean => effects.some(isSuspect);
  const links = new Set(groups.filter(suspect).map(({ id }) => id));
  const twins = new Set(
    cells.flatMap(({ effects }) =>
      effects.flatMap((effect) => (isSuspect(effect) ? (effect.inferredFrom ?? []) : [])),
    ),
  );
  return cells
    .filter(
      (cell) => suspect(cell) || twins.has(cell.id) || links.has(cell.id.slice(cell.id.indexOf('/') + 1)),
    )
    .map(({ id }) => id);
}

/**
 * The verdict after a second measurement: what regressed in both is `regressed`; what did only in the first is
 * `inconclusive`, whatever the second says of it. Both measurements are kept.
 */
export function confirm(first: Comparison, second: Comparison): Comparison {
  const again = new Map<string, Judged>([...second.cells, ...second.groups].map((one) => [one.id, one]));
  const confirmed: string[] = [];
  const notConfirmed: string[] = [];
  const judgeAgain = <T extends Judged>(one: T): T => {
    const suspects = one.effects.filter(isSuspect);
    if (suspects.length === 0) return one;
    const effects = one.effects.map((effect) =>
      isSuspect(effect) ? lookAgain(effect, again.get(one.id)) : effect,
    );
    const holds = effects.some(isSuspect);
    (holds ? confirmed : notConfirmed).push(one.id);
    const verdict = worstOf(effects.filter(({ judged }) => judged).map((effect) => effect.verdict));
    return { ...one, verdict, effects };
  };
  const cells = first.cells.map(judgeAgain);
  const groups = first.groups.map(judgeAgain);
  const complete = first.baseline.complete && first.candidate.complete;
  return {
    ...first,
    verdict: verdictOfAll({ cells, groups, missing: first.missing }, complete),
    counts: countVerdicts(cells),
    cells,
    groups,
    confirmation: { confirmed, notConfirmed, first, second },
  };
}

/**
 * Whether a second measurement has told nothing of what seemed to have regressed: it found none of it again, and of some of it
 * neither that it is gone, since the machine was too busy or the rounds were too few.
 */
export function tellsNothing(first: Comparison, second: Comparison): boolean {
  const { confirmation } = confirm(first, second);
  if (confirmation === undefined || confirmation.confirmed.length > 0) return false;
  const again = new Map<string, Judged>([...second.cells, ...second.groups].map((one) => [one.id, one]));
  return [...first.cells, ...first.groups]
    .filter(({ id }) => confirmation.notConfirmed.includes(id))
    .some(({ id, effects }) =>
      effects
        .filter(isSuspect)
        .some(({ kind, what }) =>
          again
            .get(id)
            ?.effects.some(
              (other) => other.kind === kind && other.what === what && other.verdict === 'inconclusive',
            ),
        ),
    );
}

function lookAgain(effect: Effect, second: Judged | undefined): Effect {
  const other = second?.effects.find(({ kind, what }) => kind === effect.kind && what === effect.what);
  const missing = second?.effects.find(({ kind, what }) => kind === 'missing' && what === effect.what);
  const told = other?.difference === undefined ? '' : `: ${signed(other.difference)} ${other.unit}`;
  if ((other ?? missing)?.verdict === 'regressed')
    return { ...effect, because: `${effect.because} A second measurement found it again${told}.` };
  const found = other === undefined ? 'which has none' : `${other.verdict}: ${other.because}`;
  return {
    ...effect,
    verdict: 'inconclusive',
    because: `Not confirmed by a second measurement${told}, ${found} The first: ${effect.because}`,
    ...(other?.roundsNeeded === undefined ? {} : { roundsNeeded: other.roundsNeeded }),
  };
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(2)}`;
}
