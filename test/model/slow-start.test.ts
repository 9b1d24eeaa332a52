import { expect, it } from 'vitest';
import type { SizedFlight } from '../../src/model/serialization.ts';
import { windowWait } from '../../src/model/slow-start.ts';

const broker = (segments: number): SizedFlight => ({ from: 'broker', bytes: segments * 1448 });
/** Round trips that flights wait on a link of 34 ms one way without a rate, each of which takes its time. */
function rounds(flights: readonly SizedFlight[]): number {
  const wait = windowWait(flights, 68);
  expect(wait.ms).toBe(68 * wait.rounds);
  return wait.rounds;
}

const client = (bytes: number): SizedFlight => ({ from: 'client', bytes });

it.each([
  [1, 0],
  [10, 0],
  [11, 1],
  [30, 1],
  [31, 2],
  [70, 2],
  [71, 3],
])('a first flight of %i segments waits %i further round trips', (segments, further) => {
  expect(rounds([client(300), broker(segments)])).toBe(further);
});

it('one byte more than ten segments is an eleventh', () => {
  expect(rounds([{ from: 'broker', bytes: 14_480 }])).toBe(0);
  expect(rounds([{ from: 'broker', bytes: 14_481 }])).toBe(1);
});

it('each end has a window of its own, which earlier flights have opened', () => {
  expect(rounds([client(20 * 1448), broker(20)])).toBe(2);
  expect(rounds([broker(10), client(300), broker(20)])).toBe(0);
  expect(rounds([broker(10), client(300), broker(21)])).toBe(1);
});

it('flights that nobody saw wait for nothing', () => {
  expect(rounds([{ from: 'broker', bytes: undefined }])).toBe(0);
});

it('at a rate a sender is idle only from the end of a window until the answer to its first segment', () => {
  const rates = { rateUpKbit: 1000, rateDownKbit: 1000 };
  // 10 segments take 10 × 12 ms and the answer to the first 68 + 12 + 0.416 ms: nobody stands idle.
  expect(windowWait([broker(20)], 68, rates)).toEqual({ rounds: 0, ms: 0 });
  const { rounds: idle, ms } = windowWait([broker(20)], 300, rates);
  expect([idle, ms]).toEqual([1, expect.closeTo(300 + 12 + 0.416 - 120, 9)]);
});
