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
  const { judged, ...confirmation } = judgeAgain(first, (effect, id) => {
    const other = besideOf(effect, id, second);
    const told = other?.difference === undefined ? '' : `: ${signed(other.difference)} ${other.unit}`;
    if (other?.verdict === 'regressed')
      return { ...effect, because: `${effect.because} A second measurement found it again${told}.` };
    const found = other === undefined ? 'which has none' : `${other.verdict}: ${other.because}`;
    return {
      ...effect,
      verdict: 'inconclusive',
      because: `Not confirmed by a second measurement${told}, ${found} The first: ${effect.because}`,
      ...(other?.roundsNeeded === undefined ? {} : { roundsNeeded: other.roundsNeeded }),
    };
  });
  return { ...judged, confirmation: { ...confirmation, first, second } };
}

/** The verdict where there is no second measurement: nothing is called a regression that was seen but once. */
export function unconfirmed(first: Comparison, why: string): Comparison {
  const { judged } = judgeAgain(first, (effect) => ({
    ...effect,
    verdict: 'inconclusive',
    because: `Not confirmed, since there is no second measurement. ${effect.because}`,
  }));
  const note = `What seemed to have regressed is not called so, since there is no second measurement: ${why}.`;
  return { ...judged, notes: [...judged.notes, note] };
}

/**
 * Whether a second measurement tells nothing of what seemed to have regressed: it found none of it again, and of some not
 * that it is gone either, since the machine was too busy or the rounds were too few.
 */
export function tellsNothing(first: Comparison, second: Comparison): boolean {
  const verdicts = new Set(
    [...first.cells, ...first.groups].flatMap(({ id, effects }) =>
      effects.filter(isSuspect).map((effect) => besideOf(effect, id, second)?.verdict),
    ),
  );
  return !verdicts.has('regressed') && verdicts.has('inconclusive');
}

/** A comparison whose suspects have another verdict, and of which cells and groups some of them still regressed or none. */
function judgeAgain(
  first: Comparison,
  judge: (suspect: Effect, id: string) => Effect,
): { judged: Comparison; confirmed: string[]; notConfirmed: string[] } {
  const confirmed: string[] = [];
  const notConfirmed: string[] = [];
  const again = <T extends Judged>(one: T): T => {
    if (!one.effects.some(isSuspect)) return one;
    const effects = one.effects.map((effect) => (isSuspect(effect) ? judge(effect, one.id) : effect));
    (effects.some(isSuspect) ? confirmed : notConfirmed).push(one.id);
    const verdict = worstOf(effects.filter(({ judged }) => judged).map((effect) => effect.verdict));
    return { ...one, verdict, effects };
  };
  const cells = first.cells.map(again);
  const groups = first.groups.map(again);
  const complete = first.baseline.complete && first.candidate.complete;
  const verdict = verdictOfAll({ cells, groups, missing: first.missing }, complete);
  return {
    judged: { ...first, verdict, counts: countVerdicts(cells), cells, groups },
    confirmed,
    notConfirmed,
  };
}

/** What another comparison says of the same, or that it is missing there; undefined where it says neither. */
function besideOf({ kind, what }: Effect, id: string, { cells, groups }: Comparison): Effect | undefined {
  const effects = [...cells, ...groups].find((one) => one.id === id)?.effects ?? [];
  return (
    effects.find((other) => other.kind === kind && other.what === what) ??
    effects.find((other) => other.kind === 'missing' && other.what === what)
  );
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(2)}`;
}
