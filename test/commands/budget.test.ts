import { expect, test } from 'vitest';
import { overBudget } from '../../src/commands/budget.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { expectSchema } from '../../src/scenario/expect.ts';
import { fixture } from '../report/fixture.ts';

function cell(mode: string, attempted: number, failed: number, excluded: number): CellResult {
  const id = `${mode}/null/aedes/direct/handshake`;
  const samples = { attempted, ok: attempted - failed - excluded, failed, excluded, tainted: 0, warmup: 0 };
  return {
    id,
    mode,
    link: 'null',
    broker: 'aedes',
    topology: 'direct',
    workload: 'handshake',
    negotiated: {},
    samples: { ...samples, reasons: {} },
    milestones: {},
    service: {},
    trips: {},
    flights: [],
  };
}

function over(cells: CellResult[], failureBudget: number): string[] {
  return overBudget({ ...fixture(), cells }, expectSchema.parse({ failureBudget }));
}

test('a cell may lose as much as the budget says, failed and excluded together', () => {
  expect(over([cell('plain', 200, 1, 1), cell('tls13', 200, 0, 0)], 0.01)).toEqual([]);
  expect(over([cell('plain', 200, 2, 1)], 0.01)).toEqual([
    'plain/null/aedes/direct/handshake: 2 failed and 1 excluded of 200: 1.5 %, expect.failureBudget allows at most 1 %',
  ]);
});

test('good cells do not pay for a bad one', () => {
  const good = Array.from({ length: 20 }, () => cell('plain', 200, 0, 0));
  expect(over([...good, cell('tls13', 10, 1, 0)], 0.05)).toHaveLength(1);
});

test('a budget of nothing allows nothing, and a budget of all allows all', () => {
  expect(over([cell('plain', 100_000, 1, 0)], 0)).toHaveLength(1);
  expect(over([cell('plain', 10, 10, 0)], 1)).toEqual([]);
});
