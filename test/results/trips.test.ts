import { describe, expect, it } from 'vitest';
import { modeNamed } from '../../src/modes/index.ts';
import { distributionOf } from '../../src/results/distribution.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { tripsOf } from '../../src/results/trips.ts';

const { theory } = modeNamed('tls13');
const LINK = { upMs: 34, downMs: 34 };

function milestones(values: Partial<Record<'connectReceived' | 'pubackReceived', number>>) {
  return Object.fromEntries(
    Object.entries(values).map(([name, ms]) => [name, distributionOf([ms], 'measured')]),
  ) as CellResult['milestones'];
}

describe('tripsOf', () => {
  it('says what was predicted, what remains, and what the null link has of it', () => {
    const trips = tripsOf(milestones({ connectReceived: 173, pubackReceived: 277 }), {
      theory,
      link: LINK,
      flights: [],
      pureDelay: true,
      overNull: { milestones: milestones({ connectReceived: 3 }), link: { upMs: 0, downMs: 0 } },
    });
    expect(trips).toEqual({
      connectReceived: { predicted: 5, predictedMs: 170, residualMs: 3, inferred: 5, nullP50Ms: 3 },
      pubackReceived: { predicted: 8, predictedMs: 272, residualMs: 5 },
    });
  });

  it('counts the round trips that a large certificate waits for the window', () => {
    const flights = [undefined, undefined, 312, 51_000, 80].map((bytes, index) => ({
      from: index % 2 === 0 ? ('client' as const) : ('broker' as const),
      bytes,
    }));
    const trips = tripsOf(milestones({ connectReceived: 310 }), {
      theory,
      link: { upMs: 30, downMs: 40 },
      flights,
      pureDelay: true,
      overNull: undefined,
    });
    // Five trips, three of them up, and two round trips more.
    expect(trips.connectReceived).toEqual({
      predicted: 9,
      slowStartRounds: 2,
      predictedMs: 3 * 30 + 2 * 40 + 2 * 70,
      residualMs: 0,
    });
  });

  it('adds what access management takes to the milestones that wait for it', () => {
    const trips = tripsOf(milestones({ connectReceived: 173, pubackReceived: 297 }), {
      theory,
      link: LINK,
      flights: [],
      pureDelay: true,
      accessMs: (milestone) => (milestone === 'pubackReceived' ? 20 : 0),
      overNull: undefined,
    });
    expect(trips).toEqual({
      connectReceived: { predicted: 5, predictedMs: 170, residualMs: 3 },
      pubackReceived: { predicted: 8, accessMs: 20, predictedMs: 292, residualMs: 5 },
    });
  });

  it('infers nothing without a null link', () => {
    const trips = tripsOf(milestones({ connectReceived: 173 }), {
      theory,
      link: LINK,
      flights: [],
      pureDelay: true,
      overNull: undefined,
    });
    expect(trips.connectReceived).toEqual({ predicted: 5, predictedMs: 170, residualMs: 3 });
  });

  it('infers nothing over a link that adds time which is no trip', () => {
    const trips = tripsOf(milestones({ connectReceived: 193 }), {
      theory,
      link: LINK,
      flights: [],
      pureDelay: false,
      overNull: { milestones: milestones({ connectReceived: 3 }), link: { upMs: 0, downMs: 0 } },
    });
    expect(trips.connectReceived).toEqual({ predicted: 5, predictedMs: 170, residualMs: 23, nullP50Ms: 3 });
  });

  it('says nothing of milestones that the mode does not have', () => {
    const plain = modeNamed('plain').theory;
    const described = distributionOf([1], 'measured');
    const odd = described === undefined ? {} : { clientHandshakeDone: described };
    expect(
      tripsOf(odd, { theory: plain, link: LINK, flights: [], pureDelay: true, overNull: undefined }),
    ).toEqual({});
  });

  describe('behind a hop', () => {
    const outer = { upMs: 34, downMs: 34 };
    const none = { upMs: 0, downMs: 0 };
    const inner = { upMs: 5, downMs: 5 };
    const of = (mode: string, hop: { ms: number; overNull: number; innerNull: number }) =>
      tripsOf(milestones({ connectReceived: hop.ms }), {
        theory: modeNamed(mode).theory,
        link: outer,
        flights: [],
        pureDelay: true,
        overNull: { milestones: milestones({ connectReceived: hop.overNull }), link: none },
        hop: {
          path: { kind: 'split', inner: modeNamed('plain').theory, warm: false },
          inner,
          overOther: { milestones: milestones({ connectReceived: hop.innerNull }), inner: none },
        },
      }).connectReceived;

    it('counts and infers the trips over each link', () => {
      expect(of('tls13', { ms: 5 * 34 + 3 * 5 + 2, overNull: 3 * 5 + 2, innerNull: 5 * 34 + 2 })).toEqual({
        predicted: 5,
        predictedMs: 185,
        residualMs: 2,
        inferred: 5,
        nullP50Ms: 17,
        inner: { predicted: 3, inferred: 3 },
      });
    });

    it('knows that over a null link another trip is the one that is waited for', () => {
      // Without delay in front the hop's dialling takes longer than the rest of the handshake: 5 + 3 trips there.
      const found = of('tls12', { ms: 7 * 34 + 5 + 2, overNull: 3 * 5 + 2, innerNull: 7 * 34 + 2 });
      expect(found).toMatchObject({ predicted: 7, inferred: 7, inner: { predicted: 1, inferred: 1 } });
    });

    it('finds what theory does not know of', () => {
      const found = of('tls13', { ms: 7 * 34 + 5 * 5 + 2, overNull: 5 * 5 + 2, innerNull: 7 * 34 + 2 });
      expect(found).toMatchObject({ predicted: 5, inferred: 7, inner: { predicted: 3, inferred: 5 } });
    });
  });
});
