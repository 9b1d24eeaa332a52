import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { modeIdsOf, modeInput, modeSchema } from '../../src/scenario/modes.ts';

function idsOf(yaml: string): string[] {
  return modeIdsOf(modeSchema.parse(parse(yaml)));
}

test.each([
  // YAML reads a bare 5 as a number, and 3.1.1 as a string.
  ['{ mode: plain, mqtt: 5 }', ['plain+mqtt=5']],
  ['{ mode: plain, mqtt: "5" }', ['plain+mqtt=5']],
  ['{ mode: tls13, mqtt: [3.1.1, 5] }', ['tls13', 'tls13+mqtt=5']],
  [
    '{ mode: tls12, tickets: [true, false], mqtt: [3.1.1, 5] }',
    ['tls12', 'tls12+mqtt=5', 'tls12+tickets=false', 'tls12+tickets=false+mqtt=5'],
  ],
])('%s stands for %j, each of which can be written again', (yaml, ids) => {
  expect(idsOf(yaml)).toEqual(ids);
  for (const id of ids) expect(modeIdsOf(modeSchema.parse(modeInput(id)))).toEqual([id]);
});

test.each([
  ['{ mode: plain, mqtt: 3.1 }'],
  ['{ mode: plain, mqtt: 4 }'],
  ['{ mode: tls12, tickets: 2 }'],
  ['{ mode: tls13-resumed, tickets: false }'],
  ['{ mode: tls13-resumed, tickets: [true, false] }'],
])('%s is a fault of the scenario', (yaml) => {
  expect(modeSchema.safeParse(parse(yaml)).success).toBe(false);
});
