import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/compare/comparison.ts';
import { learnFrom } from '../../src/history/learned.ts';
import { historyOf } from '../history/runs.ts';
import { compare, effect, runOf } from './runs.ts';

const TLS13 = 'tls13/reference';
const BASELINE = runOf();

/** Compares with a candidate that takes so much longer, after runs whose medians went up and down by so much. */
function compared(extraMs: number, swingMs: number, runs = 12): Comparison {
  const candidate = runOf({ seed: 2, extraMs: (id) => (id.startsWith(TLS13) ? extraMs : 0) });
  candidate.results.startedAt = '2026-06-01T08:00:00.000Z';
  const past = historyOf(
    BASELINE.results,
    Array.from({ length: runs }, (_, run) => (run % 2) * swingMs),
  );
  return compare(BASELINE, candidate, {
    history: { file: 'h.ndjson', learn: (runs) => learnFrom(past, runs) },
  });
}

describe('floors that past runs taught', () => {
  it('find on a quiet machine what the general floor of 2 ms lets pass', () => {
    const comparison = compared(1.2, 0.1);
    expect(effect(comparison, TLS13, 'timing', 'connectReceived')).toMatchObject({
      verdict: 'regressed',
      floor: 0.2,
      because: 'With 95 % certainty it is slower by more than the floor of 0.20 ms, learned from 12 runs.',
    });
    expect(comparison.settings.history).toBe('h.ndjson');
    expect(comparison.notes).toEqual(['The floors of 6 of 6 cells are learned from 12 runs in h.ndjson.']);
  });

  it('let pass on a restless machine what the general floor does not', () => {
    expect(effect(compared(5, 8), TLS13, 'timing')).toMatchObject({ verdict: 'unchanged', floor: 8 });
  });

  it('are none of fewer than ten changes: the general ones hold, and it says so', () => {
    const comparison = compared(5, 8, 10);
    expect(effect(comparison, TLS13, 'timing')).toMatchObject({ verdict: 'regressed', floor: 2 });
    expect(comparison.notes).toEqual([
      'h.ndjson has 10 runs like these (same machine, same scenario, link as asked for), fewer than 11: the general floors hold.',
    ]);
  });
});
