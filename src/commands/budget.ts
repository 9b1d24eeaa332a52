import type { CellResult } from '../results/schema.ts';

/**
 * Cells that lost more attempts (of steady load: deliveries) than the budget allows, as sentences; empty when all is
 * well. The budget holds for each cell, so that six good modes do not pay for a seventh that never connects.
 */
export function overBudget(cells: readonly CellResult[], failureBudget: number): string[] {
  return cells.flatMap(({ id, samples: { attempted, failed, excluded } }) => {
    const share = attempted === 0 ? 0 : (failed + excluded) / attempted;
    if (share <= failureBudget) return [];
    const losses = `${failed} failed and ${excluded} excluded of ${attempted}`;
    return [`${id}: ${losses}: ${percent(share)}, expect.failureBudget allows ${percent(failureBudget)}`];
  });
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
