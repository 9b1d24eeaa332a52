import { describe, expect, it } from 'vitest';
import type { CellResult } from '../../src/results/schema.ts';
import { closeLosses, openLosses } from '../../src/compare/losses.ts';
import { compare, effect, runOf } from './runs.ts';

const TLS13 = 'tls13/reference';

function onlyTls13(change: (cell: CellResult) => CellResult): (cell: CellResult) => CellResult {
  return (cell) => (cell.id.startsWith(TLS13) ? change(cell) : cell);
}

function losing(failed: number, attempted: number): (cell: CellResult) => CellResult {
  return (cell) => ({ ...cell, samples: { ...cell.samples, attempted, ok: attempted - failed, failed } });
}

describe('losses', () => {
  it.each([
    [0, 'unchanged'],
    [1, 'unchanged'],
    [4, 'regressed'],
    [200, 'regressed'],
  ])('%d of 200 after none of 1,200: %s', (failed, verdict) => {
    const comparison = compare(
      runOf({ change: losing(0, 200) }),
      runOf({ seed: 2, change: (cell) => losing(cell.id.startsWith(TLS13) ? failed : 0, 200)(cell) }),
    );
    expect(effect(comparison, TLS13, 'losses')).toMatchObject({
      verdict,
      because: `${failed} of 200 were lost, in the baseline 0 of 200.`,
    });
  });

  it('that stay as they were are no regression, and fewer are better', () => {
    const lossy = runOf({ change: losing(10, 200) });
    expect(effect(compare(lossy, runOf({ seed: 2, change: losing(12, 200) })), TLS13, 'losses').verdict).toBe(
      'unchanged',
    );
    const healed = compare(lossy, runOf({ seed: 2, change: losing(0, 200) }));
    expect(effect(healed, TLS13, 'losses').verdict).toBe('improved');
    expect(healed.verdict).toBe('improved');
  });

  it.each([
    [0, 20, 'unchanged'],
    // Chance makes so many in every second and in every fourth run.
    [1, 20, 'unchanged'],
    [2, 20, 'unchanged'],
    // And these in one of eight, of 20 and of 1,000.
    [3, 20, 'inconclusive'],
    [4, 20, 'inconclusive'],
    [5, 20, 'regressed'],
    [3, 1000, 'unchanged'],
    [1, 200, 'unchanged'],
    [3, 200, 'inconclusive'],
  ])('of one cell alone: %d of %d after none: %s', (failed, attempted, verdict) => {
    const alone = (lost: number) =>
      runOf({ modes: ['tls13'], links: { reference: 34 }, change: losing(lost, attempted) });
    expect(effect(compare(alone(0), alone(failed)), TLS13, 'losses').verdict).toBe(verdict);
  });

  it('of a single attempt are no doubt, however many others lost none', () => {
    const verdictOf = (part: number): unknown => {
      const open = openLosses({ part: 0, whole: 40 }, { part, whole: 40 }, { part: 0, whole: 2000 });
      return closeLosses(open, { worse: 0.9, better: 1 }).verdict;
    };
    expect([0, 1, 2].map(verdictOf)).toEqual(['unchanged', 'unchanged', 'inconclusive']);
  });

  it('too small for one cell show in all cells of a link together', () => {
    const comparison = compare(runOf({ change: losing(2, 200) }), runOf({ seed: 2, change: losing(8, 200) }));
    expect(effect(comparison, TLS13, 'losses').verdict).not.toBe('regressed');
    expect(effect(comparison, 'reference/', 'losses')).toMatchObject({
      verdict: 'regressed',
      because: '24 of 600 were lost, in the baseline 6 of 600.',
    });
    expect(comparison.verdict).toBe('regressed');
  });
});

describe('missing data', () => {
  it('cells that the candidate lacks fail; new ones are listed', () => {
    const less = runOf({ modes: ['plain', 'tls12'] });
    expect(compare(runOf(), less)).toMatchObject({
      verdict: 'regressed',
      missing: { inCandidate: [`${TLS13}/aedes/direct/handshake`, 'tls13/null/aedes/direct/handshake'] },
    });
    expect(compare(less, runOf())).toMatchObject({
      verdict: 'unchanged',
      missing: { inCandidate: [], inBaseline: [expect.stringContaining(TLS13), expect.anything()] },
    });
  });

  it('runs with no cell in common say nothing', () => {
    expect(compare(runOf({ modes: ['plain'] }), runOf({ modes: ['tls12'] })).verdict).toBe('regressed');
    const nothing = runOf({ modes: [] });
    expect(compare(nothing, nothing).verdict).toBe('inconclusive');
  });

  it('a milestone without a good sample fails, unless the machine disturbed them all', () => {
    const gone = (tainted: number) =>
      runOf({
        change: onlyTls13((cell) => ({ ...cell, milestones: {}, samples: { ...cell.samples, tainted } })),
      });
    expect(effect(compare(runOf(), gone(0)), TLS13, 'missing', 'connectReceived').verdict).toBe('regressed');
    expect(effect(compare(runOf(), gone(60)), TLS13, 'missing', 'connectReceived').verdict).toBe(
      'inconclusive',
    );
  });

  it('a run that did not finish is inconclusive at best', () => {
    const candidate = runOf({ seed: 2 });
    candidate.results = { ...candidate.results, complete: false, incompleteBecause: 'It was interrupted.' };
    expect(compare(runOf(), candidate)).toMatchObject({
      verdict: 'inconclusive',
      notes: ['The candidate did not finish: It was interrupted.'],
    });
  });
});
