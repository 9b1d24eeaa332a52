import { describe, expect, it, test } from 'vitest';
import { distributionOf } from '../../src/results/distribution.ts';
import type { RunData } from '../../src/compare/run-data.ts';
import { fleetRun, compare, effect, runOf, verdicts } from './runs.ts';

const TLS13 = 'tls13/reference';

test('two runs of the same are unchanged in everything', () => {
  const comparison = compare(runOf(), runOf({ seed: 2 }));
  expect(comparison).toMatchObject({
    verdict: 'unchanged',
    counts: { unchanged: 6, regressed: 0, improved: 0, inconclusive: 0 },
    missing: { inCandidate: [], inBaseline: [] },
    environment: [],
    notes: [],
  });
  expect(comparison.cells[2]?.effects.map(({ kind, what, judged }) => [kind, what, judged])).toEqual([
    ['timing', 'connectReceived', true],
    ['timing', 'connackReceived', true],
    ['timing', 'publishReceived', false],
    ['timing', 'delivered', false],
    ['trips', 'connectReceived', true],
    ['trips', 'connackReceived', true],
    ['bytes', 'handshakeUp', true],
    ['bytes', 'handshakeDown', true],
    ['negotiated', 'negotiated', true],
    ['losses', 'failed or excluded', true],
  ]);
});

test('a run that is held against itself: it is said', () => {
  const sealed = (sha256: string): RunData => {
    const run = runOf();
    return { ...run, results: { ...run.results, sha256 } };
  };
  expect(compare(sealed('a'), sealed('a')).notes).toEqual([
    'Baseline and candidate are one and the same run.',
  ]);
  expect(compare(sealed('a'), sealed('b')).notes).toEqual([]);
});

describe('what cannot be compared is not unchanged', () => {
  const disturbed = runOf({
    change: (cell) => ({
      ...cell,
      milestones: {},
      trips: {},
      samples: { ...cell.samples, tainted: cell.samples.ok },
    }),
  });

  it('a baseline whose samples were all disturbed', () => {
    const comparison = compare(disturbed, runOf());
    expect(comparison).toMatchObject({ verdict: 'inconclusive', counts: { inconclusive: 6 } });
    expect(effect(comparison, TLS13, 'missing', 'connectReceived')).toMatchObject({
      verdict: 'inconclusive',
      because: 'The baseline lacks it, so that there is nothing to hold it against.',
    });
    expect(compare(disturbed, runOf(), { only: ['timing'] }).verdict).toBe('inconclusive');
  });

  it('two runs without a sample', () => {
    const comparison = compare(disturbed, disturbed);
    expect(comparison.verdict).toBe('inconclusive');
    expect(effect(comparison, TLS13, 'missing', 'any time').verdict).toBe('inconclusive');
  });

  it('kinds of effects that no cell has', () => {
    expect(compare(runOf(), runOf(), { only: ['throughput'] }).verdict).toBe('inconclusive');
    expect(compare(runOf(), runOf(), { only: ['trips'] }).verdict).toBe('unchanged');
  });
});

describe('timings', () => {
  const slower = (ms: number) => runOf({ seed: 2, extraMs: (id) => (id.startsWith(TLS13) ? ms : 0) });

  it.each([
    [5, 'regressed'],
    [-5, 'improved'],
    [0.5, 'unchanged'],
    [1.75, 'inconclusive'],
  ])('%d ms on one cell: %s, and nothing on the others', (ms, verdict) => {
    const comparison = compare(runOf(), slower(ms));
    expect(verdicts(comparison)).toEqual({
      'plain/reference': 'unchanged',
      'tls12/reference': 'unchanged',
      'tls13/reference': verdict,
      'plain/null': 'unchanged',
      'tls12/null': 'unchanged',
      'tls13/null': 'unchanged',
    });
    expect(comparison.verdict).toBe(verdict);
    const { difference, interval, floor, source } = effect(comparison, TLS13, 'timing', 'connectReceived');
    expect(difference).toBeGreaterThan(ms - 0.5);
    expect(difference).toBeLessThan(ms + 0.5);
    expect(interval?.low).toBeLessThan(difference ?? Number.NaN);
    expect({ floor, source }).toEqual({ floor: 2, source: 'rounds' });
  });

  it('clear both floors, the absolute and the relative', () => {
    const floorOf = (minEffectMs: number, minEffectPercent: number): number | undefined =>
      effect(compare(runOf(), slower(5), { minEffectMs, minEffectPercent }), TLS13, 'timing').floor;
    expect(floorOf(2, 1)).toBe(2);
    expect(floorOf(1, 2)).toBeCloseTo(0.02 * 172.5, 0);
    expect(compare(runOf(), slower(5), { minEffectPercent: 5 }).verdict).toBe('unchanged');
    expect(compare(runOf(), slower(5), { minEffectMs: 10 }).verdict).toBe('unchanged');
  });

  it('of results without rounds are compared by their histograms, and it is said', () => {
    const baseline = runOf({ histogramsOnly: true });
    const comparison = compare(baseline, slower(5));
    expect(effect(comparison, TLS13, 'timing')).toMatchObject({ verdict: 'regressed', source: 'histograms' });
    expect(comparison.notes).toEqual([expect.stringContaining('The baseline has no rounds.ndjson')]);
    expect(compare(baseline, runOf({ seed: 2 })).verdict).toBe('unchanged');
  });

  it('of few or mostly disturbed samples are inconclusive, whatever they say', () => {
    const few = { ...slower(50) };
    few.rounds = new Map(
      [...(few.rounds ?? [])].map(([id, all]) => [
        id,
        new Map(
          [...all].map(([name, { timesUs }]) => [name, { ranges: [[0, 8]], timesUs: timesUs.slice(0, 9) }]),
        ),
      ]),
    );
    expect(effect(compare(runOf(), few), TLS13, 'timing')).toMatchObject({
      verdict: 'inconclusive',
      because: 'The candidate has 9 undisturbed samples, fewer than 10.',
    });
    const busy = runOf({
      seed: 2,
      extraMs: () => 50,
      change: (cell) => ({ ...cell, samples: { ...cell.samples, tainted: 31 } }),
    });
    expect(effect(compare(runOf(), busy), TLS13, 'timing')).toMatchObject({
      verdict: 'inconclusive',
      because: "Of the candidate's attempts 48 % are left undisturbed: the machine was too busy.",
    });
  });

  it('that are inconclusive say how many rounds would do', () => {
    const noisy = (seed: number) =>
      runOf({ seed, samples: 20, extraMs: (_, round) => 10 + 8 * Math.sin(round * 7) });
    const { verdict, roundsNeeded } = effect(compare(noisy(1), noisy(2)), TLS13, 'timing');
    expect(verdict).toBe('inconclusive');
    expect(roundsNeeded).toBeGreaterThan(20);
  });

  it('of paired rounds leave out what disturbs both of a round', () => {
    const weather = (_: string, round: number): number => 20 * Math.sin(round / 5) + 20;
    const baseline = runOf({ extraMs: weather });
    const candidate = runOf({ seed: 2, extraMs: (id, round) => weather(id, round) + 5 });
    expect(effect(compare(baseline, candidate), TLS13, 'timing').verdict).toBe('inconclusive');
    expect(effect(compare(baseline, candidate, { paired: true }), TLS13, 'timing')).toMatchObject({
      verdict: 'regressed',
      source: 'paired rounds',
      difference: expect.closeTo(5, 0),
    });
  });

  it('of paired rounds pair equal rounds, also where one lacks some', () => {
    const ramp = (_: string, round: number): number => 10 * round;
    const baseline = runOf({ extraMs: ramp });
    const candidate = runOf({ seed: 2, extraMs: ramp });
    candidate.rounds = new Map(
      [...(candidate.rounds ?? [])].map(([id, all]) => [
        id,
        new Map(
          [...all].map(([name, { timesUs }]) => [name, { ranges: [[20, 59]], timesUs: timesUs.slice(20) }]),
        ),
      ]),
    );
    expect(effect(compare(baseline, candidate, { paired: true }), TLS13, 'timing')).toMatchObject({
      verdict: 'unchanged',
      samples: { baseline: 40, candidate: 40 },
    });
  });

  it('that are too disturbed to be judged do not count among them', () => {
    const busy = slower(3);
    busy.results = {
      ...busy.results,
      cells: busy.results.cells.map((cell) =>
        cell.id.startsWith(TLS13) ? cell : { ...cell, samples: { ...cell.samples, tainted: 31 } },
      ),
    };
    const { adjustedP: ofAll = 0 } = effect(compare(runOf(), slower(3)), TLS13, 'timing');
    const { adjustedP: ofTrusted = 1 } = effect(compare(runOf(), busy), TLS13, 'timing');
    expect(ofTrusted).toBeLessThan(ofAll);
  });

  it('are corrected for how many there are', () => {
    const { adjustedP: alone = 1 } = effect(
      compare(runOf({ modes: ['tls13'], links: { reference: 34 } }), {
        ...slower(3),
      }),
      TLS13,
      'timing',
    );
    const { adjustedP: ofMany = 1 } = effect(compare(runOf(), slower(3)), TLS13, 'timing');
    expect(ofMany).toBeGreaterThan(alone);
  });
});

test('that clients take longer to reconnect after one failure is told; that more are lost is a regression', () => {
  const failing = (fromMs: number, lost: number) =>
    fleetRun('failover', lost, {
      failover: {
        clients: 500,
        back: 500 - lost,
        lost,
        resumed: 0,
        attempts: 500,
        reasons: {},
        noticedBy: {},
        failedAtMs: 15_000,
        changedOverAtMs: 16_000,
        reconnecting: distributionOf(
          Array.from({ length: 500 - lost }, (_, index) => fromMs + (index % 10)),
          'measured',
        ),
      },
    });
  const later = compare(failing(315, 0), failing(393, 0));
  expect(effect(later, TLS13, 'timing', 'reconnecting')).toMatchObject({
    verdict: 'inconclusive',
    judged: false,
    difference: 78,
  });
  expect(later.verdict).toBe('unchanged');
  expect(compare(failing(315, 0), failing(315, 50)).verdict).toBe('regressed');
});
