import { expect, it } from 'vitest';
import type { SizedFlight } from '../../src/model/serialization.ts';
import { slowStartRounds } from '../../src/model/slow-start.ts';

const broker = (segments: number): SizedFlight => ({ from: 'broker', bytes: segments * 1448 });
const client = (bytes: number): SizedFlight => ({ from: 'client', bytes });

it.each([
  [1, 0],
  [10, 0],
  [11, 1],
  [30, 1],
  [31, 2],
  [70, 2],
  [71, 3],
])('a first flight of %i segments waits %i further round trips', (segments, rounds) => {
  expect(slowStartRounds([client(300), broker(segments)])).toBe(rounds);
});

it('one byte more than ten segments is an eleventh', () => {
  expect(slowStartRounds([{ from: 'broker', bytes: 14_480 }])).toBe(0);
  expect(slowStartRounds([{ from: 'broker', bytes: 14_481 }])).toBe(1);
});

it('each end has a window of its own, which earlier flights have opened', () => {
  expect(slowStartRounds([client(20 * 1448), broker(20)])).toBe(2);
  expect(slowStartRounds([broker(10), client(300), broker(20)])).toBe(0);
  expect(slowStartRounds([broker(10), client(300), broker(21)])).toBe(1);
});

it('flights that nobody saw wait for nothing', () => {
  expect(slowStartRounds([{ from: 'broker', bytes: undefined }])).toBe(0);
});
