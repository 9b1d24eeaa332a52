import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inferredTrips,
  meanDelayMs,
  predict,
  tripsMs,
  type HeldAgainst,
  type OneWayDelays,
} from '../../src/model/predict.ts';
import type { SizedFlight } from '../../src/model/serialization.ts';

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

function held(medianMs: number, theory: number, link: OneWayDelays): HeldAgainst {
  return { medianMs, predictedMs: tripsMs(theory, link), delayMs: meanDelayMs(link) };
}

describe('inferredTrips', () => {
  it('finds the trips again, whatever the compute, which is in both, and however uneven the directions', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.double({ min: 2, max: 2500, noNaN: true }),
        fc.double({ min: 0, max: 2500, noNaN: true }),
        (trips, computeMs, upMs, downMs) => {
          const link = { upMs, downMs };
          // Theory may be wrong by a round trip: what was measured is found all the same.
          const theory = trips + 2;
          const found = inferredTrips(
            theory,
            held(tripsMs(trips, link) + computeMs, theory, link),
            held(computeMs, theory, NULL),
          );
          expect(found).toBeCloseTo(trips, 6);
        },
      ),
    );
  });

  it('takes the delays of both links as they were measured', () => {
    const found = inferredTrips(
      5,
      held(7 * 34.5 + 2, 5, { upMs: 34.5, downMs: 34.5 }),
      held(4 * 0.1 + 3 * 0.3 + 2, 5, { upMs: 0.1, downMs: 0.3 }),
    );
    expect(found).toBeCloseTo(7, 9);
  });

  it('is undefined where the links are too alike to tell trips from noise', () => {
    const nearNull = { upMs: 0.9, downMs: 0.9 };
    for (const link of [nearNull, NULL]) {
      const found = inferredTrips(4, held(9, 4, link), held(2, 4, NULL));
      expect(found).toBeUndefined();
    }
  });
});

describe('predict', () => {
  const hello = (certificateBytes: number): SizedFlight[] => [
    { from: 'client', bytes: undefined },
    { from: 'broker', bytes: undefined },
    { from: 'client', bytes: 300 },
    { from: 'broker', bytes: certificateBytes },
    { from: 'client', bytes: 100 },
  ];

  it('adds the bytes of each flight at the rate of its direction, with the headers of each segment', () => {
    const link = { upMs: 50, downMs: 60, rateUpKbit: 80, rateDownKbit: 160 };
    // 80 kbit/s is 10 bytes a millisecond: SYN; ClientHello and the acknowledgement before it; Finished and CONNECT.
    const upMs = (60 + 52 + 300 + 52 + 100 + 52) / 10;
    // SYN-ACK; two segments.
    const downMs = (60 + 2000 + 2 * 52) / 20;
    const found = predict(5, hello(2000), link);
    expect(found).toMatchObject({ trips: 5, slowStartRounds: 0 });
    expect(found.serializationMs).toBeCloseTo(upMs + downMs, 9);
    expect(found.ms).toBeCloseTo(3 * 50 + 2 * 60 + upMs + downMs, 9);
  });

  it('lets a direction without a rate take no time', () => {
    const found = predict(5, hello(2000), { upMs: 50, downMs: 60, rateDownKbit: 160 });
    expect(found.serializationMs).toBeCloseTo((60 + 2000 + 2 * 52) / 20, 9);
  });

  it('says nothing of bytes that nobody saw, and nothing on a link without a rate', () => {
    expect(predict(5, [], { upMs: 50, downMs: 60, rateUpKbit: 80 })).toMatchObject({
      serializationMs: undefined,
      ms: 270,
    });
    expect(predict(5, hello(2000), { upMs: 50, downMs: 60 })).toMatchObject({ serializationMs: undefined });
    // SYN and SYN-ACK are known without having been seen.
    expect(predict(2, [], { upMs: 50, downMs: 60, rateUpKbit: 80 }).serializationMs).toBeCloseTo(6, 9);
  });

  it('counts a window that takes longer than the round trip once: its sender is never idle', () => {
    const narrow = { upMs: 50, downMs: 50, rateDownKbit: 100 };
    const found = predict(5, hello(16_000), narrow);
    // Ten segments take 1200 ms, and the acknowledgement of the first is back long before.
    expect(found).toMatchObject({ trips: 5, slowStartRounds: 0 });
    expect(found.ms).toBeCloseTo(250 + (found.serializationMs ?? 0), 9);
  });

  it('counts of a round only what the sender is idle', () => {
    const link = { upMs: 50, downMs: 50, rateDownKbit: 2400 };
    // A full segment takes 5 ms, the window 50; the answer to its first is there after 5 + 100.
    const found = predict(5, hello(16_000), link);
    expect(found).toMatchObject({ trips: 7, slowStartRounds: 1 });
    expect(found.ms).toBeCloseTo(250 + 55 + (found.serializationMs ?? 0), 9);
  });
});
