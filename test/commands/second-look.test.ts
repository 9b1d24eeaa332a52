import { expect, test } from 'vitest';
import { lookAgain, type SecondLook } from '../../src/commands/second-look.ts';
import { environmentError } from '../../src/errors.ts';
import { compare, runOf } from '../compare/runs.ts';

const BASELINE = runOf();
const SLOWER = runOf({ seed: 2, extraMs: (id) => (id.startsWith('tls13/reference') ? 5 : 0) });
const SAME = runOf({ seed: 3 });
const ONCE = compare(BASELINE, SLOWER);

/** The verdict after a second look at the slower run, and whether there was one. */
async function look(again: SecondLook['again'], first = SLOWER.results) {
  let asked: readonly string[] | undefined;
  const found = await lookAgain(ONCE, {
    first: [first],
    again: (suspects) => {
      asked = suspects;
      return again(suspects);
    },
  });
  return { verdict: found.verdict, notes: found.notes, asked };
}

const measured = (run: typeof SLOWER) => () =>
  Promise.resolve({ results: [run.results], comparison: () => compare(BASELINE, run) });

test('what regresses again is a regression, and what does not is inconclusive', async () => {
  const suspects = ['tls13/reference/aedes/direct/handshake'];
  expect(await look(measured(SLOWER))).toEqual({ verdict: 'regressed', notes: [], asked: suspects });
  expect(await look(measured(SAME))).toEqual({ verdict: 'inconclusive', notes: [], asked: suspects });
});

test('a second measurement that fails, or is not to be rested on, leaves the first as it is', async () => {
  const failed = await look(() => Promise.reject(environmentError('the link is off')));
  expect(failed.verdict).toBe('regressed');
  expect(failed.notes).toEqual([
    'What regressed was not confirmed, since there is no second measurement: the link is off.',
  ]);
  const cut = { ...SAME, results: { ...SAME.results, complete: false } };
  expect(await look(measured(cut))).toMatchObject({
    verdict: 'regressed',
    notes: [expect.stringContaining('did not finish')],
  });
  await expect(look(() => Promise.reject(new TypeError('a defect')))).rejects.toThrow('a defect');
});

test('a first run that was cut short is not looked at again', async () => {
  const found = await look(measured(SAME), { ...SLOWER.results, complete: false });
  expect(found).toEqual({ verdict: 'regressed', notes: [], asked: undefined });
});
