import { expect, test } from 'vitest';
import { distributionOf } from '../../src/results/distribution.ts';
import { compare, effect, runOf } from './runs.ts';

const TLS13 = 'tls13/reference';

test('a storm that takes its clients longer has regressed, and one that loses some too', () => {
  const storming = (fromMs: number, lost: number) =>
    runOf({
      change: (cell) => ({
        ...cell,
        workload: 'storm',
        milestones: {},
        service: {},
        trips: {},
        flights: [],
        negotiated: {},
        samples: { ...cell.samples, attempted: 500, ok: 500 - lost, failed: lost, tainted: 0 },
        storm: {
          arrivals: 'at-once',
          after: 'nothing',
          clients: 500,
          connected: 500 - lost,
          resumed: 0,
          attempts: 500,
          reasons: {},
          lateStarts: 0,
          generator: { cpuShare: 0.5 },
          connecting: distributionOf(
            Array.from({ length: 500 - lost }, (_, index) => fromMs + (index % 50)),
            'measured',
          ),
        },
      }),
      histogramsOnly: true,
    });
  const verdictOf = (before: number, after: number): unknown =>
    effect(compare(storming(before, 0), storming(after, 0)), TLS13, 'timing', 'connecting');
  expect(verdictOf(800, 800)).toMatchObject({ verdict: 'unchanged', judged: true });
  expect(verdictOf(800, 900)).toMatchObject({ verdict: 'regressed', judged: true });
  expect(verdictOf(900, 800)).toMatchObject({ verdict: 'improved' });
  expect(compare(storming(800, 0), storming(800, 50)).verdict).toBe('regressed');
});
