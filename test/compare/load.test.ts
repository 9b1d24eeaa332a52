import { describe, expect, it, test } from 'vitest';
import { compare, effect, runOf } from './runs.ts';

describe('steady load', () => {
  const load = (changes: { receivedPerSecond?: number; extraMs?: number } = {}) =>
    runOf({
      load: ['tls13'],
      seed: changes.extraMs === undefined ? 1 : 2,
      change: (cell) => {
        const { throughput } = cell;
        if (throughput === undefined) return cell;
        const seconds = throughput.seconds.map((second) => ({
          ...second,
          p50Ms: (second.p50Ms ?? 0) + (changes.extraMs ?? 0),
        }));
        return {
          ...cell,
          throughput: {
            ...throughput,
            seconds,
            receivedPerSecond: changes.receivedPerSecond ?? throughput.receivedPerSecond,
          },
        };
      },
    });
  const CELL = 'tls13/reference/aedes/direct/pubsub';

  it('is compared by the medians of its seconds, and by what arrives', () => {
    const same = compare(load(), load());
    expect(effect(same, CELL, 'timing', 'endToEnd')).toMatchObject({
      verdict: 'unchanged',
      source: 'seconds',
      samples: { baseline: 10, candidate: 10 },
    });
    expect(effect(same, CELL, 'throughput').verdict).toBe('unchanged');
    expect(effect(compare(load(), load({ extraMs: 6 })), CELL, 'timing', 'endToEnd').verdict).toBe(
      'regressed',
    );
    expect(effect(compare(load(), load({ receivedPerSecond: 190 })), CELL, 'throughput')).toMatchObject({
      verdict: 'regressed',
      because: '190.0 messages a second, in the baseline 198.8.',
    });
  });
});

test('a load of few seconds tells nothing, however many messages it had', () => {
  const load = (seconds: number, extraMs: number) =>
    runOf({
      load: ['tls13'],
      change: (cell) =>
        cell.throughput === undefined
          ? cell
          : {
              ...cell,
              throughput: {
                ...cell.throughput,
                seconds: cell.throughput.seconds
                  .slice(0, seconds)
                  .map((second) => ({ ...second, p50Ms: (second.p50Ms ?? 0) + extraMs })),
              },
            },
    });
  const found = effect(
    compare(load(9, 0), load(9, 50)),
    'tls13/reference/aedes/direct/pubsub',
    'timing',
    'endToEnd',
  );
  expect(found).toMatchObject({
    verdict: 'inconclusive',
    source: 'seconds',
    because: 'The baseline has 9 seconds with messages, fewer than 10.',
  });
  expect(found).not.toHaveProperty('roundsNeeded');
});

test('throughput that the baseline did not measure is inconclusive', () => {
  const without = runOf({
    load: ['tls13'],
    change: (cell) => (cell.throughput === undefined ? cell : { ...cell, throughput: undefined }),
  });
  const comparison = compare(without, runOf({ load: ['tls13'] }), { only: ['throughput'] });
  expect(effect(comparison, 'tls13/reference/aedes/direct/pubsub', 'missing', 'throughput').verdict).toBe(
    'inconclusive',
  );
  expect(comparison.verdict).toBe('inconclusive');
});
