import { describe, expect, test } from 'vitest';
import { comparisonSchema, type Comparison } from '../../src/compare/comparison.ts';
import { confirm, suspectsLosses, suspectsOf } from '../../src/compare/confirm.ts';
import { comparePaired } from '../../src/compare/paired.ts';
import { DEFAULT_SETTINGS } from '../../src/compare/settings.ts';
import { sensitivityOf } from '../../src/compare/sensitivity.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { compare, effect, runOf } from './runs.ts';

const TLS13 = 'tls13/reference';
const slower = (ms: number, seed = 2): Comparison =>
  compare(runOf(), runOf({ seed, extraMs: (id) => (id.startsWith(TLS13) ? ms : 0) }));
const unlike = (change: (cell: CellResult) => CellResult): Comparison =>
  compare(runOf(), runOf({ seed: 2, change }));

describe('a second measurement', () => {
  test('that finds it again confirms it, and both are kept', () => {
    const found = comparisonSchema.parse(confirm(slower(5), slower(6, 3)));
    expect(found).toMatchObject({ verdict: 'regressed', counts: { regressed: 1 } });
    const { because } = effect(found, TLS13, 'timing', 'connectReceived');
    expect(because).toMatch(/A second measurement found it again: \+[56]\.\d+ ms\.$/);
    expect(found.confirmation?.confirmed).toEqual([expect.stringContaining(TLS13)]);
    expect(found.confirmation?.second.cells).toHaveLength(6);
  });

  test('that does not makes it inconclusive, and says what it found', () => {
    const found = comparisonSchema.parse(confirm(slower(5), slower(0, 3)));
    expect(found).toMatchObject({ verdict: 'inconclusive', counts: { regressed: 0, inconclusive: 1 } });
    expect(found.confirmation?.notConfirmed).toEqual([expect.stringContaining(TLS13)]);
    expect(found.confirmation?.first.verdict).toBe('regressed');
    const { verdict, because } = effect(found, TLS13, 'timing', 'connectReceived');
    expect(verdict).toBe('inconclusive');
    expect(because).toMatch(
      /^Not confirmed by a second measurement: .* ms, unchanged: .* The first: With 95 %/,
    );
  });

  test('is for what chance can do: bytes that grew stay regressed, and are no reason to measure again', () => {
    const larger = unlike((cell) =>
      cell.id.startsWith(TLS13) && cell.wire !== undefined
        ? { ...cell, wire: { ...cell.wire, handshakeDown: cell.wire.handshakeDown + 1000 } }
        : cell,
    );
    expect(larger.verdict).toBe('regressed');
    expect(suspectsOf(larger)).toEqual([]);
    expect(confirm(larger, slower(0)).verdict).toBe('regressed');
  });

  test('is of cells that are slower, and of all cells of a link that loses more as a whole', () => {
    expect(suspectsOf(slower(5))).toEqual([expect.stringContaining(TLS13)]);
    const lossy = unlike((cell) =>
      cell.link === 'reference'
        ? { ...cell, samples: { ...cell.samples, ok: 57, failed: 3, attempted: 60 } }
        : cell,
    );
    expect(suspectsOf(lossy).map((id) => id.split('/').slice(0, 2).join('/'))).toEqual([
      'plain/reference',
      'tls12/reference',
      'tls13/reference',
    ]);
  });

  test('takes more rounds where it is about losses', () => {
    const lossy = unlike((cell) => ({
      ...cell,
      samples: { ...cell.samples, ok: 54, failed: 6, attempted: 60 },
    }));
    expect([slower(5), lossy].map(suspectsLosses)).toEqual([false, true]);
  });
});

describe('partners', () => {
  const side = (mode: string, ms: number, seed: number) =>
    runOf({ modes: ['plain', mode], seed, extraMs: (id) => (id.startsWith(mode) ? ms : 0) });

  test('are cells in the same place, named by the candidate; parameters of other modes are told, not judged', () => {
    const comparison = comparisonSchema.parse(
      comparePaired(side('tls12', 0, 1), side('tls13', 0, 2), DEFAULT_SETTINGS),
    );
    const cell = comparison.cells.find(({ id }) => id.startsWith(TLS13));
    expect(cell?.baselineId).toMatch(/^tls12\/reference\//);
    expect(comparison.cells[0]?.baselineId).toBeUndefined();
    expect(comparison.missing).toEqual({ inCandidate: [], inBaseline: [] });
    expect(effect(comparison, TLS13, 'timing')).toMatchObject({
      verdict: 'improved',
      source: 'paired rounds',
    });
    expect(effect(comparison, TLS13, 'negotiated')).toMatchObject({ verdict: 'regressed', judged: false });
    expect(cell?.verdict).toBe('improved');
  });
});

describe('what an A/A run says that the machine can detect', () => {
  const noisy = (seed: number, noiseMs: number, extraMs = 0) =>
    runOf({
      seed,
      extraMs: (id, round) =>
        (id.startsWith(TLS13) ? extraMs : 0) + noiseMs * (1 + Math.sin(round * 7 + seed * 3)),
    });
  const sensitivity = (noiseMs: number) => {
    const [before, after] = [noisy(1, noiseMs), noisy(2, noiseMs)];
    return sensitivityOf(before, after, comparePaired(before, after, DEFAULT_SETTINGS), 1);
  };

  test('grows with the noise, and so does the number of rounds for an effect, with its square', () => {
    const of = (noiseMs: number) => sensitivity(noiseMs).cells.find(({ id }) => id.startsWith(TLS13));
    const [quiet, loud] = [of(4), of(40)];
    expect(loud?.paired.detectableMs).toBeGreaterThan(3 * (quiet?.paired.detectableMs ?? Infinity));
    for (const { paired, rounds = 0 } of [quiet, loud].flatMap((it) => it ?? []))
      expect(paired.roundsForEffect).toBe(Math.ceil(rounds * paired.detectableMs ** 2));
    expect(sensitivity(0).falseAlarms).toEqual([]);
  });

  test('makes verdicts that rest on a smaller floor inconclusive, with the rounds that would do', () => {
    const [before, same] = [noisy(1, 0), noisy(2, 0)];
    const loud = sensitivity(40);
    expect(effect(compare(before, same), TLS13, 'timing').verdict).toBe('unchanged');
    const blind = effect(compare(before, same, { sensitivity: loud }), TLS13, 'timing');
    expect(blind.verdict).toBe('inconclusive');
    expect(blind.because).toMatch(
      /^The floor is 2\.00 ms, and the A\/A run says that \d+\.\d+ ms is the least/,
    );
    expect(blind.roundsNeeded).toBeGreaterThan(60);
    const far = compare(before, noisy(2, 0, 500), { sensitivity: loud });
    expect(effect(far, TLS13, 'timing').verdict).toBe('regressed');
    expect(effect(compare(before, same, { sensitivity: sensitivity(0) }), TLS13, 'timing').verdict).toBe(
      'unchanged',
    );
  });
});
