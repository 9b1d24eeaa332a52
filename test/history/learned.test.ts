import { array, assert, double, integer, property } from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { LEAST_FLOOR_MS, learnFloor, learnFrom } from '../../src/history/learned.ts';
import { fixture } from '../report/fixture.ts';
import { elsewhere, historyOf } from './runs.ts';

const RESULTS = fixture({ modes: ['plain', 'tls13'], samples: 20 });
const TLS13 = 'tls13/reference/aedes/direct/handshake';

/** Medians whose changes are 1, 2, 3 … in size, up and down by turns. */
const GROWING = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5];

describe('a floor', () => {
  it('is the third quartile of the changes and three interquartile ranges', () => {
    // Changes of 1 to 10: the quartiles, interpolated, are 3.25 and 7.75.
    expect(learnFloor(GROWING)).toEqual({ ms: 7.75 + 3 * 4.5, runs: 11 });
  });

  it('is of ten changes at least, which lie between eleven runs', () => {
    expect(learnFloor(GROWING.slice(0, 10))).toBeUndefined();
    expect(learnFloor(GROWING)?.runs).toBe(11);
  });

  it('is never less than what clocks and links are good for, or than what is asked', () => {
    const still = Array.from({ length: 12 }, () => 170);
    expect(learnFloor(still)?.ms).toBe(LEAST_FLOOR_MS);
    expect(learnFloor(still, 1.5)?.ms).toBe(1.5);
  });

  it('does not care for one real change among many, nor for what it is added to', () => {
    const noise = array(double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 40 });
    assert(
      property(noise, integer({ min: 1, max: 18 }), (medians, at) => {
        const stepped = medians.map((one, index) => (index >= at ? one + 50 : one));
        // All changes but one are of 0 to 1 ms, and the quartiles are among those.
        expect(learnFloor(stepped)?.ms).toBeLessThanOrEqual(4);
        expect(learnFloor(medians.map((one) => one + 100))?.ms).toBeCloseTo(learnFloor(medians)?.ms ?? 0, 6);
      }),
    );
  });
});

describe('what teaches', () => {
  const candidate = { ...RESULTS, startedAt: '2026-06-01T08:00:00.000Z' };
  const compared = { baseline: RESULTS, candidate };
  const history = historyOf(RESULTS, GROWING);
  const runsOf = (entries: typeof history, of = compared): number => learnFrom(entries, of).runsOf(TLS13);

  test('are runs of the same machine', () => {
    expect(learnFrom(history, compared).floorOf(TLS13, 'connectReceived')?.ms).toBeCloseTo(21.25, 6);
    expect(runsOf(history.map((entry) => elsewhere(entry, RESULTS)))).toBe(0);
  });

  test('are none when one of both runs is of another machine', () => {
    const other = { ...RESULTS, environment: { ...RESULTS.environment, cores: 64 } };
    expect(runsOf(history, { baseline: other, candidate })).toBe(0);
    expect(runsOf(history, { baseline: RESULTS, candidate: other })).toBe(0);
  });

  test('is not the candidate itself', () => {
    expect(runsOf([...history, ...historyOf(candidate, [0])])).toBe(12);
    const [first] = history;
    expect(
      runsOf(history, { ...compared, candidate: { ...RESULTS, startedAt: first?.startedAt ?? '' } }),
    ).toBe(10);
  });

  test('is no run over another link, with other rounds, or over a link that was not as asked for', () => {
    const [link, ...links] = RESULTS.links;
    if (link === undefined) throw new Error('no link');
    const farther = {
      ...RESULTS,
      links: [{ ...link, requested: { ...link.requested, upMs: 50 } }, ...links],
    };
    const shorter = { ...RESULTS, scenario: { ...RESULTS.scenario, rounds: 5 } };
    const off = { ...RESULTS, links: [{ ...link, calibrated: false }, ...links] };
    for (const unlike of [farther, shorter, off]) expect(runsOf(historyOf(unlike, GROWING))).toBe(0);
    // The runs compared must be alike, too.
    expect(runsOf(history, { baseline: shorter, candidate })).toBe(0);
  });

  test('is nothing of what is not followed', () => {
    expect(learnFrom(history, compared).floorOf(TLS13, 'delivered')).toBeUndefined();
  });
});
