import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/lab/run.ts';
import { readResults } from '../../src/results/read.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { expectNothingLeft, quickestIn, freshOptions, samplesIn, scenarioWith } from '../helpers/runs.ts';

function cellOf(cells: readonly CellResult[], mode: string, link: string): CellResult {
  const cell = cells.find((it) => it.mode === mode && it.link === link);
  if (cell === undefined) throw new Error(`No cell ${mode} over ${link}`);
  return cell;
}

test('a whole run through the proxy: every attempt good, every trip found, everything written', async () => {
  const given = freshOptions();
  const results = await run(makePlan(scenarioWith()), given);

  expect(results.complete).toBe(true);
  expect(results.cells).toHaveLength(6);
  for (const { samples } of results.cells) {
    expect(samples).toMatchObject({ attempted: 6, ok: 6, failed: 0, excluded: 0, warmup: 1 });
  }
  const samples = await samplesIn(given.folder);
  expect(samples).toHaveLength(6 * 7);
  expect(await readResults(given.folder)).toEqual(results);
  expect(readFileSync(join(given.folder, 'scenario.yaml'), 'utf8')).toContain('name: test');

  // The quickest of all samples, tainted ones too: a busy machine must not turn a test of the trips into one of itself.
  for (const [mode, trips] of [
    ['plain', 3],
    ['tls13', 5],
    ['mtls12', 7],
  ] as const) {
    const quickest = (link: string): number =>
      quickestIn(samples, `${mode}/${link}/`, ({ connectReceived }) => connectReceived);
    expect((quickest('near') - quickest('null')) / 20).toBeCloseTo(trips, 0);
    expect(Object.keys(cellOf(results.cells, mode, 'near').negotiated)).toHaveLength(1);
  }
  const { flights } = samples.find(({ cell }) => cell.startsWith('tls13/near/')) ?? {};
  expect(flights?.slice(0, 3).map(({ from }) => from)).toEqual(['client', 'broker', 'client']);
  await expectNothingLeft();
}, 60_000);
