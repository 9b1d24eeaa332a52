import { describe, expect, test } from 'vitest';
import { lookAgain, measureAgain, type Second } from '../../src/commands/second-look.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import { tellsNothing } from '../../src/compare/confirm.ts';
import { environmentError } from '../../src/errors.ts';
import type { Results } from '../../src/results/schema.ts';
import { compare, effect, runOf } from '../compare/runs.ts';

const BASELINE = runOf();
const SLOWER = runOf({ seed: 2, extraMs: (id) => (id.startsWith('tls13/reference') ? 5 : 0) });
const SAME = runOf({ seed: 3 });
const CUT: Results = { ...SAME.results, complete: false, incompleteBecause: 'The mine program ended' };
const ONCE = compare(BASELINE, SLOWER);
const TLS13 = 'tls13/reference/aedes/direct/handshake';

/** The comparison after a second look at the slower run, and what was asked for then. */
async function look(
  second: Second<{ comparison: () => Comparison }>,
  first = SLOWER.results,
): Promise<{ found: Comparison; asked: readonly string[] | undefined }> {
  let asked: readonly string[] | undefined;
  const found = await lookAgain(ONCE, {
    first: [first],
    again: (suspects) => {
      asked = suspects;
      return Promise.resolve(second);
    },
  });
  return { found, asked };
}

const measured = (run: typeof SLOWER) => ({ measured: { comparison: () => compare(BASELINE, run) } });

describe('a second look', () => {
  test('what regresses again is a regression, and what does not is inconclusive', async () => {
    const again = await look(measured(SLOWER));
    expect(again).toMatchObject({ found: { verdict: 'regressed', notes: [] }, asked: [TLS13] });
    const gone = await look(measured(SAME));
    expect(gone).toMatchObject({ found: { verdict: 'inconclusive', notes: [] }, asked: [TLS13] });
  });

  test('that cannot be taken makes nothing a regression that was seen once, and says why', async () => {
    const { found } = await look({ why: 'the link is off' });
    expect(found).toMatchObject({ verdict: 'inconclusive', counts: { regressed: 0 } });
    expect(found.confirmation).toBeUndefined();
    expect(found.notes).toEqual([
      'What seemed to have regressed is not called so, since there is no second measurement: the link is off.',
    ]);
    const [was, is] = [ONCE, found].map((each) => effect(each, TLS13, 'timing', 'connectReceived'));
    expect(is).toEqual({
      ...was,
      verdict: 'inconclusive',
      because: `Not confirmed, since there is no second measurement. ${was?.because}`,
    });
  });

  test('is not needed for what no chance is in: that stays a regression', async () => {
    const fatter = runOf({
      change: (cell) =>
        cell.wire === undefined
          ? cell
          : { ...cell, wire: { ...cell.wire, handshakeDown: cell.wire.handshakeDown + 1000 } },
      extraMs: (id) => (id === TLS13 ? 5 : 0),
    });
    const found = await lookAgain(compare(BASELINE, fatter), {
      first: [fatter.results],
      again: () => Promise.resolve({ why: 'the link is off' }),
    });
    expect(found.verdict).toBe('regressed');
    expect(effect(found, TLS13, 'bytes', 'handshakeDown').verdict).toBe('regressed');
    expect(effect(found, TLS13, 'timing', 'connectReceived').verdict).toBe('inconclusive');
  });

  test('is not taken at a first run that was cut short', async () => {
    const { found, asked } = await look(measured(SAME), { ...SLOWER.results, complete: false });
    expect(found).toMatchObject({ verdict: 'regressed', notes: [] });
    expect(asked).toBeUndefined();
  });
});

describe('measuring again', () => {
  /** What comes of it, where each try does what the list says, and how many tries there were. */
  async function tries(...each: ((abort: () => void) => Results)[]): Promise<unknown[]> {
    const controller = new AbortController();
    let count = 0;
    const found = await measureAgain(
      async (attempt) => {
        expect(attempt).toBe(++count);
        await Promise.resolve();
        return { results: [each[attempt - 1]?.(() => controller.abort()) ?? CUT] };
      },
      { signal: controller.signal },
    );
    return ['why' in found ? found.why : 'measured', count];
  }
  const off = (): never => {
    throw environmentError('the link is off');
  };

  test('is done once where that is good, and twice more where it fails or cannot be rested on', async () => {
    expect(await tries(() => SAME.results)).toEqual(['measured', 1]);
    expect(await tries(off, () => SAME.results)).toEqual(['measured', 2]);
    expect(
      await tries(
        () => CUT,
        () => SAME.results,
      ),
    ).toEqual(['measured', 2]);
    expect(await tries(off, off, off)).toEqual(['the link is off (tried 3 times)', 3]);
    expect(await tries(off, off, () => CUT)).toEqual([
      'it did not finish (The mine program ended) (tried 3 times)',
      3,
    ]);
  });

  test('is done again where it tells nothing; where nothing better comes, that is what there is', async () => {
    const found = async (...telling: boolean[]): Promise<unknown[]> => {
      let count = 0;
      const measure = (attempt: number) => Promise.resolve({ results: [SAME.results], attempt });
      const isTelling = (): boolean => telling[count++] ?? false;
      const second = await measureAgain(measure, { signal: new AbortController().signal, isTelling });
      return ['measured' in second ? second.measured.attempt : second.why, count];
    };
    expect(await found(true)).toEqual([1, 1]);
    expect(await found(false, true)).toEqual([2, 2]);
    expect(await found(false, false, false)).toEqual([3, 3]);
  });

  test('tells nothing where what seemed to have regressed is neither there again nor gone', () => {
    const compared = (run: typeof SLOWER): Comparison => compare(BASELINE, run);
    expect(tellsNothing(ONCE, compared(SLOWER))).toBe(false);
    expect(tellsNothing(ONCE, compared(SAME))).toBe(false);
    const vague = compared(SLOWER);
    for (const cell of vague.cells)
      for (const each of cell.effects) if (each.kind === 'timing') each.verdict = 'inconclusive';
    expect(tellsNothing(ONCE, vague)).toBe(true);
  });

  test('is not done again when somebody interrupts it, nor where the bench has a defect', async () => {
    const interrupted = tries((abort) => {
      abort();
      return CUT;
    });
    expect(await interrupted).toEqual(['it was interrupted', 1]);
    const defect = tries(() => {
      throw new TypeError('a defect');
    });
    await expect(defect).rejects.toThrow('a defect');
  });
});
