import type { Checker } from './gate.ts';

/**
 * The failure budget holds for each cell, so that six good modes do not pay for a seventh that never connects. Of steady
 * load the attempts are deliveries.
 */
export const checkFailures: Checker = ({ cells }, { failureBudget }) =>
  cells.map(({ id, samples: { attempted, failed, excluded } }) => {
    const share = attempted === 0 ? 1 : (failed + excluded) / attempted;
    return {
      expectation: 'failureBudget',
      cell: id,
      what: '',
      expected: `at most ${percent(failureBudget)}`,
      found:
        attempted === 0
          ? 'nothing was attempted'
          : `${failed} failed and ${excluded} excluded of ${attempted}: ${percent(share)}`,
      passed: share <= failureBudget,
    };
  });

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
