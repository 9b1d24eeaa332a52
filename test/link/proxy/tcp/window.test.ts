import { expect, test } from 'vitest';
import { RoundTrip } from '../../../../src/link/proxy/tcp/round-trip.ts';
import { Window } from '../../../../src/link/proxy/tcp/window.ts';

test('slow start doubles a round, and avoidance opens by one', () => {
  const window = new Window();
  const rounds = Array.from({ length: 4 }, () => {
    const { segments } = window;
    window.grow(segments);
    return segments;
  });
  expect(rounds).toEqual([10, 20, 40, 80]);
  window.segments = window.reduce();
  expect(window.segments).toBe(80);
  window.grow(80);
  expect(window.segments).toBe(81);
});

test('growth that crosses the threshold goes on in avoidance', () => {
  const window = new Window();
  window.threshold = 12;
  window.grow(2 + 12);
  expect(window.segments).toBe(13);
});

test('a loss halves, down to two segments; one that was none is undone', () => {
  const window = new Window();
  expect(window.reduce()).toBe(5);
  window.segments = 1;
  window.undo();
  expect(window).toMatchObject({ segments: 10, threshold: Infinity });
  window.segments = 3;
  expect(window.reduce()).toBe(2);
});

test('a rest takes half a timeout, down to the initial window, and never less than it was', () => {
  const window = new Window();
  window.segments = 80;
  window.rest(2.5);
  expect(window.segments).toBe(20);
  window.rest(30);
  expect(window.segments).toBe(10);
  window.segments = 4;
  window.rest(30);
  expect(window.segments).toBe(4);
});

test('the timeout is a second at first, then never less than the round trip and 200 ms', () => {
  const roundTrip = new RoundTrip();
  expect(roundTrip.timeoutUs).toBe(1e6);
  // RFC 6298 §2.2: the round trip and four times half of it.
  roundTrip.sample(400_000, 0, 1);
  expect(roundTrip.timeoutUs).toBe(400_000 + 4 * 200_000);
  for (let n = 1; n < 60; n++) roundTrip.sample(400_000, n, n + 1);
  expect(roundTrip.timeoutUs).toBeCloseTo(600_000, -4);
  roundTrip.sample(900_000, 61, 62);
  expect(roundTrip.timeoutUs).toBeGreaterThan(900_000);
  expect(roundTrip.leastUs).toBe(400_000);
});
