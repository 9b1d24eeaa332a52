import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRun } from '../../src/compare/run-data.ts';
import { FEWEST_SAMPLES } from '../../src/compare/settings.ts';
import { checkExpectations } from '../../src/gate/check.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { ROOT } from './action.ts';

const BASELINE = join(ROOT, 'results/baseline');

test('the committed baseline is of the reference case as it is now, whole, and small', async () => {
  const { results, rounds } = await readRun(BASELINE);
  const scenario = await loadScenario(join(ROOT, 'scenarios/reference.yaml'));
  expect(results.complete).toBe(true);
  expect(results.links.map(({ calibrated }) => calibrated)).toEqual([true, true]);
  expect(results.cells.map(({ id }) => id)).toEqual(makePlan(scenario).cells.map(({ id }) => id));
  expect(rounds?.size).toBe(14);
  for (const { milestones } of results.cells)
    expect(milestones.connectReceived?.count).toBeGreaterThanOrEqual(FEWEST_SAMPLES);
  const failed = checkExpectations(results, scenario.expect).filter(({ passed }) => !passed);
  expect(failed).toEqual([]);
  const bytes = readdirSync(BASELINE).map((file) => statSync(join(BASELINE, file)).size);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
});

test('its scenario can be run again', async () => {
  expect((await loadScenario(join(BASELINE, 'scenario.yaml'))).rounds).toBe(40);
});
