import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/scenario/random.ts';
import { percentileInterval, RoundBootstrap } from '../../src/stats/bootstrap.ts';
import { median } from '../../src/stats/median.ts';

describe('RoundBootstrap', () => {
  it('makes the same resamples for the same seed, and others for another', () => {
    const values = Array.from({ length: 50 }, (_, round) => ({ round, value: round ** 2 }));
    const medians = (seed: number): number[] => [
      ...new RoundBootstrap(Array(50).keys(), seed).medians(values),
    ];
    expect(medians(1)).toHaveLength(1000);
    expect(medians(1)).toEqual(medians(1));
    expect(medians(1)).not.toEqual(medians(2));
  });

  it('draws whole rounds: what was measured in one round comes along together', () => {
    const bootstrap = new RoundBootstrap(Array(31).keys(), 7);
    const values = Array.from({ length: 31 }, (_, round) => ({ round, value: round }));
    const first = bootstrap.medians(values);
    const second = bootstrap.medians(values.map(({ round, value }) => ({ round, value: value + 100 })));
    expect([...second].map((value, index) => value - (first[index] ?? Number.NaN))).toEqual(
      Array(1000).fill(100),
    );
  });

  it('takes each resample’s median as the median of what was drawn is taken', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 9 }), (numbers) => {
        const rounds = numbers.length;
        const values = numbers.map((value, round) => ({ round, value }));
        // The median of one round's value alone is a number where the round was drawn, NaN where not.
        const bootstrap = new RoundBootstrap(Array(rounds).keys(), 5);
        const drawn = values.map((one) => bootstrap.medians([one]));
        const pairs = values.map((one) =>
          bootstrap.medians([one, ...values.filter((other) => other !== one)]),
        );
        const medians = bootstrap.medians(values);
        for (const [index, found] of medians.entries()) {
          const there = values
            .filter((_, round) => !Number.isNaN(drawn[round]?.[index]))
            .map(({ value }) => value);
          expect(found).toBeGreaterThanOrEqual(Math.min(...there));
          expect(found).toBeLessThanOrEqual(Math.max(...there));
          // In whatever order values come.
          for (const pair of pairs) expect(pair[index]).toBe(found);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes the mean of the middle two where as many draws lie on either side', () => {
    const values = [0, 10].map((value, round) => ({ round, value }));
    const medians = [...new RoundBootstrap([0, 1], 1).medians(values)];
    const share = (wanted: number): number =>
      medians.filter((found) => found === wanted).length / medians.length;
    // Two draws of two rounds: the first twice, one of each, the second twice.
    expect([share(0), share(5), share(10)]).toEqual(
      [0.25, 0.5, 0.25].map((wanted) => expect.closeTo(wanted, 1)),
    );
  });

  it('knows the median of values of rounds that were not drawn: there is none', () => {
    const medians = new RoundBootstrap(Array(3).keys(), 1).medians([{ round: 0, value: 5 }]);
    const none = [...medians].filter(Number.isNaN).length / medians.length;
    // (2/3)³ of the resamples of three rounds are without a given one.
    expect(none).toBeGreaterThan(0.25);
    expect(none).toBeLessThan(0.35);
  });

  it('gives intervals that hold the true median about 95 times in a hundred', () => {
    const random = seededRandom(11);
    const runs = 300;
    let held = 0;
    for (let run = 0; run < runs; run++) {
      // Exponential with mean 1: its median is ln 2.
      const values = Array.from({ length: 40 }, (_, round) => ({
        round,
        value: -Math.log(1 - random.next()),
      }));
      const interval = percentileInterval(new RoundBootstrap(Array(40).keys(), run).medians(values));
      if (interval !== undefined && interval.low <= Math.LN2 && Math.LN2 <= interval.high) held++;
    }
    expect(held / runs).toBeGreaterThan(0.9);
    expect(held / runs).toBeLessThan(0.99);
  });

  it('does with fewer resamples where rounds are very many, and nothing where there are none', () => {
    const many = 50_000;
    const values = Array.from({ length: many }, (_, round) => ({ round, value: round % 1000 }));
    const medians = new RoundBootstrap(Array(many).keys(), 1).medians(values);
    expect(medians).toHaveLength(400);
    expect(median([...medians])).toBeCloseTo(499.5, -1);
    expect(percentileInterval(new RoundBootstrap([], 1).medians([]))).toBeUndefined();
  });
});
