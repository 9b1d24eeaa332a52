import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { comparisonSchema, type Comparison } from '../../src/compare/comparison.ts';
import { confirm, suspectsLosses, suspectsOf } from '../../src/compare/confirm.ts';
import { comparePaired } from '../../src/compare/paired.ts';
import { DEFAULT_SETTINGS } from '../../src/compare/settings.ts';
import { readSensitivity, sensitivityOf } from '../../src/compare/sensitivity.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
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

  test('is for trips too, and for the cell that they are inferred from', () => {
    const taking = (inferred: number): Comparison =>
      unlike(({ trips: { connectReceived, ...trips }, ...cell }) => ({
        ...cell,
        trips:
          connectReceived === undefined || !cell.id.startsWith(TLS13)
            ? { ...trips, ...(connectReceived === undefined ? {} : { connectReceived }) }
            : { ...trips, connectReceived: { ...connectReceived, inferred } },
      }));
    const more = taking(7);
    expect(suspectsOf(more)).toEqual([
      'tls13/reference/aedes/direct/handshake',
      'tls13/null/aedes/direct/handshake',
    ]);
    expect(confirm(more, taking(7))).toMatchObject({
      verdict: 'regressed',
      confirmation: { confirmed: ['tls13/reference/aedes/direct/handshake'], notConfirmed: [] },
    });
    const found = confirm(more, taking(5));
    expect(found.verdict).toBe('inconclusive');
    expect(effect(found, TLS13, 'trips').because).toMatch(
      /^Not confirmed by a second measurement: .*5 one-way trips in both\. The first: 5 one-way trips became 7\.$/,
    );
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

  test('have their trips from the null links of their own runs, whatever links are called', () => {
    const over = (link: string, seed: number) =>
      runOf({ modes: ['tls13'], links: { [link]: 34, [`${link}-null`]: 0 }, seed });
    const comparison = comparePaired(over('near', 1), over('far', 2), DEFAULT_SETTINGS);
    expect(effect(comparison, 'tls13/far/', 'trips', 'connectReceived')).toMatchObject({
      verdict: 'unchanged',
      because: '5 one-way trips in both.',
    });
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

  describe('is of one machine and one kind of link', () => {
    const here = sensitivity(0);
    const refused = (message: RegExp) =>
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) as string });

    test('of which it tells', () => {
      expect(here).toMatchObject({ aaVersion: 2, machine: expect.stringContaining('cores') });
      expect(here.backends).toEqual(['proxy']);
    });

    test('on another it is refused, whichever of both runs was measured there', () => {
      const elsewhere = noisy(2, 0);
      elsewhere.results.environment = { ...elsewhere.results.environment, cores: 64 };
      const compared = [
        [noisy(1, 0), elsewhere],
        [elsewhere, noisy(1, 0)],
      ] as const;
      for (const [before, after] of compared)
        expect(() => compare(before, after, { sensitivity: here })).toThrow(
          refused(/^The A\/A run was measured on .*unknown cores.*, and a\/run on .*64 cores/),
        );
    });

    test('over links that something else made it is refused', () => {
      const tun = noisy(2, 0);
      tun.results.links = tun.results.links.map((link) => ({ ...link, backend: 'tun' }));
      expect(() => compare(noisy(1, 0), tun, { sensitivity: here })).toThrow(
        refused(/made by proxy, a link of a\/run by tun/),
      );
    });

    test('a file that does not say so is refused', async () => {
      const file = join(temporaryFolder(), 'aa.json');
      writeFileSync(file, JSON.stringify(here));
      expect(await readSensitivity(file)).toEqual(here);
      const { machine: _machine, backends: _backends, ...older } = here;
      writeFileSync(file, JSON.stringify({ ...older, aaVersion: 1 }));
      await expect(readSensitivity(file)).rejects.toEqual(refused(/aa\.json has aaVersion 1; .* reads 2/));
    });
  });
});
