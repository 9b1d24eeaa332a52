import { expect, test } from 'vitest';
import { fleetWarnings } from '../../src/lab/fleet-warnings.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { VARIANTS } from '../report/variants.ts';

function stormCell(changes: Partial<NonNullable<CellResult['storm']>>): CellResult {
  const cell = VARIANTS['after a storm']?.().cells[0];
  if (cell?.storm === undefined) throw new Error('no storm');
  const quiet = { lateStarts: 0, listenOverflows: 0, generator: { cpuShare: 0.3, loopDelayP99Ms: 4 } };
  return { ...cell, storm: { ...cell.storm, ...quiet, ...changes } };
}

test('a storm that the generator kept up with needs no word', () => {
  expect(fleetWarnings([stormCell({})])).toEqual([]);
});

test.each([
  [
    { generator: { cpuShare: 0.93, loopDelayP99Ms: 4 } },
    /had 93 % of a core.* these times are the generator's own/,
  ],
  // Others had the core, and the queue is the generator's all the same.
  [{ generator: { cpuShare: 0.3, loopDelayP99Ms: 900 } }, /event loop was up to 900 ms late/],
  [{ lateStarts: 60 }, /60 of 1000 clients started more than 10 ms after their intended time/],
  [{ listenOverflows: 3 }, /listen queue overflowed 3 times/],
] as const)('%j is told', (changes, text) => {
  const warnings = fleetWarnings([stormCell(changes)]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(text);
});
