import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReplayState, WINDOW } from '../../src/payload/replay.ts';

/** The same by its definition, slowly: every sequence that was taken is remembered. */
class Model {
  readonly #taken = new Set<number>();
  #newest = -1;

  accept(sequence: number): boolean {
    if (this.#taken.has(sequence) || sequence <= this.#newest - WINDOW) return false;
    this.#taken.add(sequence);
    this.#newest = Math.max(this.#newest, sequence);
    return true;
  }
}

it.each([
  ['near the start', 0],
  ['where sequences are longer than 32 bits', 2 ** 40],
])('takes each message once, and none that is older than the window: %s', (_name, base) => {
  const steps = fc.array(fc.oneof(fc.integer({ min: -80, max: 80 }), fc.integer({ min: -4, max: 4 })), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(steps, (jumps) => {
      const [state, model] = [new ReplayState(), new Model()];
      let sequence = base;
      for (const jump of jumps) {
        sequence = Math.max(0, sequence + jump);
        expect(state.accept('a', 1, sequence)).toBe(model.accept(sequence));
      }
    }),
    { numRuns: 500 },
  );
});

it('a leap over the whole window forgets what was before', () => {
  const state = new ReplayState();
  for (const sequence of [0, 31, 63, 1000]) expect(state.accept('a', 1, sequence)).toBe(true);
  for (const sequence of [0, 63, 1000, 1000 - WINDOW]) expect(state.accept('a', 1, sequence)).toBe(false);
  for (let sequence = 1000 - WINDOW + 1; sequence < 1000; sequence++)
    expect(state.accept('a', 1, sequence)).toBe(true);
});

it('each topic and each publisher has a window of its own', () => {
  const state = new ReplayState();
  expect(state.accept('a', 1, 9)).toBe(true);
  expect(state.accept('b', 1, 9)).toBe(true);
  expect(state.accept('a', 2, 9)).toBe(true);
  expect(state.accept('a', 1, 9)).toBe(false);
});
