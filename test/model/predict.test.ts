import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inferredTrips, tripsMs } from '../../src/model/predict.ts';

const SYMMETRIC = { upMs: 34, downMs: 34 };
const ASYMMETRIC = { upMs: 440, downMs: 400 };
const NULL = { upMs: 0, downMs: 0 };

describe('tripsMs', () => {
  it('reproduces the reference case: first data after 170 ms and after 238 ms', () => {
    expect(tripsMs(5, SYMMETRIC)).toBe(170);
    expect(tripsMs(7, SYMMETRIC)).toBe(238);
  });

  it('alternates, and begins with the client', () => {
    expect([0, 1, 2, 3, 4, 5].map((trips) => tripsMs(trips, ASYMMETRIC))).toEqual([
      0, 440, 840, 1280, 1680, 2120,
    ]);
  });
});

describe('inferredTrips', () => {
  it('finds the trips again, whatever the compute, which is in both', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.double({ min: 2, max: 2500, noNaN: true }),
        (trips, computeMs, delayMs) => {
          const link = { upMs: delayMs, downMs: delayMs };
          const found = inferredTrips(
            { medianMs: tripsMs(trips, link) + computeMs, link },
            { medianMs: computeMs, link: NULL },
          );
          expect(found).toBeCloseTo(trips, 6);
        },
      ),
    );
  });

  it('takes the delays of both links as they were measured', () => {
    const found = inferredTrips(
      { medianMs: 7 * 34.5 + 2, link: { upMs: 34.5, downMs: 34.5 } },
      { medianMs: 7 * 0.2 + 2, link: { upMs: 0.1, downMs: 0.3 } },
    );
    expect(found).toBeCloseTo(7, 9);
  });

  it('is undefined where the links are too alike to tell trips from noise', () => {
    const nearNull = { upMs: 0.9, downMs: 0.9 };
    expect(inferredTrips({ medianMs: 9, link: nearNull }, { medianMs: 2, link: NULL })).toBeUndefined();
    expect(inferredTrips({ medianMs: 9, link: NULL }, { medianMs: 2, link: NULL })).toBeUndefined();
  });
});
