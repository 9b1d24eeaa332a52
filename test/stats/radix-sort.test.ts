import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortedWhole } from '../../src/stats/radix-sort.ts';

const manyWithin = (min: number, max: number) =>
  fc.int32Array({ minLength: 2048, maxLength: 3000, min, max, size: 'max' });

it.each([
  ['times of one cell', manyWithin(170_000, 240_000)],
  ['times that are as far apart as two digits tell', manyWithin(-2_097_152, 2_097_151)],
  ['what is farther apart', manyWithin(-(2 ** 31), 2 ** 31 - 1)],
  ['few values', fc.int32Array({ maxLength: 50 })],
])('sorts as Int32Array.prototype.sort does, and leaves the argument alone: %s', (_name, arbitrary) => {
  fc.assert(
    fc.property(arbitrary, (values) => {
      const before = values.slice();
      expect(sortedWhole(values)).toEqual(before.toSorted());
      expect(values).toEqual(before);
    }),
    { numRuns: 40 },
  );
});

it('sorts the next series as well, of the same and of another size', () => {
  const first = Int32Array.from({ length: 4000 }, (_each, index) => (index * 7919) % 4001);
  const second = first.map((value) => 3 * value + 1);
  expect(sortedWhole(first).at(-1)).toBe(Math.max(...first));
  expect(sortedWhole(second)).toEqual(second.toSorted());
  expect(sortedWhole(second.subarray(10))).toEqual(second.slice(10).toSorted());
});
