import type { Checker } from './gate.ts';

/** A run that was cut short, or modes that the TLS stack does not have, leave out what should have been checked. */
export const checkComplete: Checker = ({ complete, incompleteBecause, unsupported, cells }) => [
  {
    expectation: 'complete',
    cell: 'run',
    what: '',
    expected: 'measured to its end',
    found: complete
      ? `${cells.length} cells, measured to the end`
      : (incompleteBecause ?? 'cut short for an unknown reason'),
    passed: complete && cells.length > 0,
  },
  ...unsupported.map(({ mode, workload, reason }) => ({
    expectation: 'complete' as const,
    cell: workload === undefined ? mode : `${mode} in ${workload}`,
    what: '',
    expected: 'measured',
    found: `not supported here: ${reason}`,
    passed: false,
  })),
];
