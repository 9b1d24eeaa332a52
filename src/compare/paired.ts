import { worstOf } from '../stats/verdict.ts';
import { compareRuns, countVerdicts, verdictOfAll, type CompareOptions } from './compare.ts';
import type { Comparison } from './comparison.ts';
import { nullTwinsOf } from './null-twin.ts';
import type { RunData } from './run-data.ts';

/**
 * Holds the two sides of a paired run against each other: cell k of one against cell k of the other, round by round. Cells
 * have the candidate's names, and the baseline's beside them where those differ. What was negotiated is told but not
 * judged where partners are of different modes: that it differs was asked for.
 */
export function comparePaired(
  baseline: RunData,
  candidate: RunData,
  settings: Omit<CompareOptions, 'paired'>,
): Comparison {
  const partners = new Map(
    baseline.results.cells.flatMap((cell, position) => {
      const partner = candidate.results.cells[position];
      return partner === undefined ? [] : [[cell.id, { cell, partner }] as const];
    }),
  );
  const renamed: RunData = {
    ...baseline,
    results: {
      ...baseline.results,
      cells: [...partners.values()].map(
        ({ cell, partner: { id, mode, link, broker, topology, workload } }) => ({
          ...cell,
          id,
          mode,
          link,
          broker,
          topology,
          workload,
        }),
      ),
    },
    rounds:
      baseline.rounds &&
      new Map([...baseline.rounds].map(([id, rounds]) => [partners.get(id)?.partner.id ?? id, rounds])),
    // The baseline's links have their own names.
    twins: new Map(
      [...nullTwinsOf(baseline.results)].map(([id, twin]) => [partners.get(id)?.partner.id ?? id, twin]),
    ),
  };
  const comparison = compareRuns(renamed, candidate, { ...settings, paired: true });
  const before = new Map([...partners.values()].map(({ cell, partner }) => [partner.id, cell]));
  const cells = comparison.cells.map(({ id, mode, link, effects, verdict }) => {
    const { id: baselineId = id, mode: baselineMode = mode } = before.get(id) ?? {};
    if (baselineId === id) return { id, mode, link, verdict, effects };
    const judged = effects.map((effect) =>
      effect.kind === 'negotiated' && baselineMode !== mode ? { ...effect, judged: false } : effect,
    );
    const verdicts = judged.filter((effect) => effect.judged).map((effect) => effect.verdict);
    return { id, mode, link, baselineId, verdict: worstOf(verdicts), effects: judged };
  });
  const complete = baseline.results.complete && candidate.results.complete;
  return {
    ...comparison,
    verdict: verdictOfAll({ ...comparison, cells }, complete),
    counts: countVerdicts(cells),
    cells,
  };
}
