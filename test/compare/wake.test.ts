import { expect, test } from 'vitest';
import { distributionOf } from '../../src/results/distribution.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { compare, effect, runOf } from './runs.ts';

/** Cells of sensors that were awake so long, and inferred so many trips. */
function woken(extraMs: number, inferred: number): (cell: CellResult) => CellResult {
  return (cell) => {
    const awake = distributionOf(
      Array.from({ length: 60 }, (_, round) => 340 + extraMs + (round % 7) / 10),
      'measured',
    );
    return {
      ...cell,
      id: cell.id.replace('/handshake', '/wake'),
      workload: 'wake',
      milestones: { ...cell.milestones, ...(awake === undefined ? {} : { disconnected: awake }) },
      trips: { ...cell.trips, disconnected: { predicted: 10, predictedMs: 340, inferred, residualMs: 0 } },
    };
  };
}

test('a longer time awake is a regression of time, one trip more one of trips', () => {
  const before = runOf({ change: woken(0, 10.01) });
  const same = compare(before, runOf({ seed: 2, change: woken(0, 9.99) }));
  expect(effect(same, 'tls13/reference', 'timing', 'disconnected')).toMatchObject({
    verdict: 'unchanged',
    judged: true,
  });
  expect(effect(same, 'tls13/reference', 'trips', 'disconnected').verdict).toBe('unchanged');
  const slower = compare(before, runOf({ seed: 2, change: woken(8, 12.02) }));
  expect(effect(slower, 'tls13/reference', 'timing', 'disconnected').verdict).toBe('regressed');
  expect(effect(slower, 'tls13/reference', 'trips', 'disconnected').verdict).toBe('regressed');
  expect(slower.verdict).toBe('regressed');
});
