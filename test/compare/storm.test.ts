import { expect, test } from 'vitest';
import type { RunData } from '../../src/compare/run-data.ts';
import { learnFrom } from '../../src/history/learned.ts';
import { distributionOf } from '../../src/results/distribution.ts';
import { historyOf } from '../history/runs.ts';
import { fleetRun, compare, effect } from './runs.ts';

const TLS13 = 'tls13/reference';

function storming(fromMs: number, lost: number): RunData {
  const run = fleetRun('storm', lost, {
    storm: {
      arrivals: 'at-once',
      after: 'nothing',
      clients: 500,
      connected: 500 - lost,
      resumed: 0,
      attempts: 500,
      reasons: {},
      lateStarts: 0,
      generator: { cpuShare: 0.5 },
      connecting: distributionOf(
        Array.from({ length: 500 - lost }, (_, index) => fromMs + (index % 50)),
        'measured',
      ),
    },
  });
  run.results.startedAt = `2026-06-01T08:00:00.${fromMs}Z`;
  return run;
}

test('a storm is one event: that it takes longer is told, not judged; one that loses clients has regressed', () => {
  const comparison = compare(storming(800, 0), storming(900, 0));
  const connecting = effect(comparison, TLS13, 'timing', 'connecting');
  expect(connecting).toMatchObject({
    verdict: 'inconclusive',
    judged: false,
    baseline: 824.5,
    candidate: 924.5,
    samples: { baseline: 500, candidate: 500 },
  });
  // 500 clients of one event are not 500 observations of it.
  expect(connecting).not.toHaveProperty('interval');
  expect(connecting).not.toHaveProperty('roundsNeeded');
  expect(comparison.verdict).toBe('unchanged');
  expect(comparison.notes).toContainEqual(
    expect.stringMatching(/^How long the fleets of 6 of 6 cells took is told, and not judged/),
  );
  expect(compare(storming(800, 0), storming(900, 0), { only: ['timing'] }).verdict).toBe('inconclusive');
  expect(compare(storming(800, 0), storming(800, 50)).verdict).toBe('regressed');
});

test('where past runs taught by how much storms differ, it is judged', () => {
  const past = historyOf(
    storming(800, 0).results,
    Array.from({ length: 11 }, (_, run) => (run % 2) * 40),
  );
  const verdictOf = (after: number): unknown => {
    const comparison = compare(storming(800, 0), storming(after, 0), {
      history: { file: 'h.ndjson', learn: (runs) => learnFrom(past, runs) },
    });
    expect(comparison.notes).not.toContainEqual(expect.stringContaining('not judged'));
    return effect(comparison, TLS13, 'timing', 'connecting');
  };
  expect(verdictOf(839)).toMatchObject({ verdict: 'unchanged', judged: true, floor: 40 });
  expect(verdictOf(841)).toMatchObject({
    verdict: 'regressed',
    judged: true,
    because: 'It is slower by more than the 40.00 ms that were learned from 11 runs.',
  });
  expect(verdictOf(759)).toMatchObject({ verdict: 'improved', judged: true });
});

test('a time that one run lacks is missing', () => {
  const nobody = storming(800, 0);
  nobody.results = {
    ...nobody.results,
    cells: nobody.results.cells.map(({ storm, ...cell }) =>
      storm === undefined ? cell : { ...cell, storm: { ...storm, connecting: undefined } },
    ),
  };
  expect(effect(compare(storming(800, 0), nobody), TLS13, 'missing', 'connecting').verdict).toBe('regressed');
  expect(effect(compare(nobody, storming(800, 0)), TLS13, 'missing', 'connecting').verdict).toBe(
    'inconclusive',
  );
});
