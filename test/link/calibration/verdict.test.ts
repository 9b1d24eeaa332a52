import { describe, expect, test } from 'vitest';
import { verdict, type Evidence } from '../../../src/link/calibration/verdict.ts';
import { Generator } from '../../../src/link/lane/generator.ts';
import { Jitter } from '../../../src/link/lane/jitter.ts';
import type { Observation } from '../../../src/link/probe/protocol.ts';
import { resolveLink, type LinkInput } from '../../../src/link/spec.ts';

/** Pings 10 ms apart, whose delays in microseconds follow from their instant. */
function seen(
  upUs: (atUs: number) => number,
  downUs: (atUs: number) => number,
  rest: Partial<Observation> = {},
): Observation {
  const pings = Array.from({ length: 400 }, (_, n) => {
    const sentUs = n * 10_000;
    return { sentUs, upUs: upUs(sentUs), downUs: downUs(sentUs + upUs(sentUs)) };
  });
  return {
    pings,
    connectUs: [upUs(0) + downUs(0)],
    firstByteUs: [2 * upUs(0) + downUs(0)],
    trainsUp: [],
    trainsDown: [],
    ...rest,
  };
}

const FLOOR = seen(
  () => 100,
  () => 100,
);

function judge(
  link: LinkInput,
  observation: Observation,
  rest: Partial<Evidence> = {},
): ReturnType<typeof verdict> {
  return verdict(resolveLink(link), {
    seen: observation,
    floor: FLOOR,
    traffic: undefined,
    modelledConnect: false,
    ...rest,
  });
}

const constant = (upUs: number, downUs: number, rest?: Partial<Observation>): Observation =>
  seen(
    () => upUs,
    () => downUs,
    rest,
  );

describe('delay', () => {
  test('half a millisecond beyond the floor is allowed', () => {
    expect(judge({ oneWayMs: 34 }, constant(34_590, 33_610)).calibrated).toBe(true);
    expect(judge({ oneWayMs: 34 }, constant(34_610, 34_100)).problem).toContain(
      'up: 34 ms asked, 34.61 ms measured over a floor of 0.10 ms, off by 0.51 ms where 0.50 ms are allowed',
    );
  });

  test('one per cent of long delays is allowed', () => {
    expect(judge({ oneWayMs: 300 }, constant(302_900, 302_900)).calibrated).toBe(true);
    expect(judge({ oneWayMs: 300 }, constant(303_200, 300_100)).calibrated).toBe(false);
  });

  test('each direction is judged by itself', () => {
    const found = judge({ oneWayMs: { up: 10, down: 50 } }, constant(50_100, 10_100));
    expect(found.problem).toMatch(/up: 10 ms asked, 50\.10 .*down: 50 ms asked, 10\.10 /);
  });

  test('a handshake that does not take its two trips is refused, unless it is modelled', () => {
    const early = constant(34_100, 34_100, { connectUs: [300], firstByteUs: [102_400] });
    expect(judge({ oneWayMs: 34 }, early).problem).toMatch(
      /^connecting, after two trips: 68 ms asked, 0\.30 ms/,
    );
    expect(judge({ oneWayMs: 34 }, early, { modelledConnect: true }).calibrated).toBe(true);
    const earlier = constant(34_100, 34_100, { firstByteUs: [34_500] });
    expect(judge({ oneWayMs: 34 }, earlier).problem).toContain('after three trips: 102 ms asked, 34.50 ms');
  });

  test('nothing answered is not calibrated', () => {
    const nothing = { pings: [], connectUs: [], firstByteUs: [], trainsUp: [], trainsDown: [] };
    expect(judge({ oneWayMs: 0 }, nothing)).toMatchObject({
      calibrated: false,
      problem: 'no probe was answered',
    });
  });

  test('the serialization of the probes is not taken for delay', () => {
    // A probe is 76 bytes of IP packet, SYN 60, ACK 52; at 100 kbit/s 6.08, 4.8 and 4.16 ms.
    const slow = constant(40_180, 40_180, {
      connectUs: [68_000 + 9600 + 200],
      firstByteUs: [102_000 + 4800 * 2 + 4160 + 6080 + 300],
    });
    const found = judge({ oneWayMs: 34, rateKbit: 100 }, slow);
    expect(found.problem).toBeUndefined();
    expect(found.up.delayMs.value).toBeCloseTo(34.1, 6);
    expect(judge({ oneWayMs: 34 }, slow).calibrated).toBe(false);
  });
});

describe('jitter', () => {
  const drifting = (delayMs: number, jitterMs: number, seed: number): ((atUs: number) => number) => {
    const { up } = resolveLink({ oneWayMs: delayMs, jitterMs });
    const jitter = new Jitter(up, new Generator(seed));
    const known = new Map<number, number>();
    return (atUs) => {
      const us = known.get(atUs) ?? 100 + 1000 * delayMs + jitter.at(atUs);
      known.set(atUs, us);
      return us;
    };
  };
  const observe = (delayMs: number, jitterMs: number, seed: number): Observation =>
    seen(drifting(delayMs, jitterMs, seed), drifting(delayMs, jitterMs, seed + 1000), {
      connectUs: [2000 * delayMs],
      firstByteUs: [3000 * delayMs],
    });

  test('what was asked is found in all of a hundred links, and its interval in most', () => {
    const found = Array.from({ length: 100 }, (_, seed) =>
      judge({ oneWayMs: 100, jitterMs: 8 }, observe(100, 8, seed)),
    );
    expect(found.filter(({ calibrated }) => !calibrated).length).toBeLessThanOrEqual(2);
    const within = (estimate: { low: number; high: number } | undefined, asked: number): boolean =>
      estimate !== undefined && estimate.low <= asked && asked <= estimate.high;
    const delays = found.filter(({ up }) => within(up.delayMs, 100.1)).length;
    const jitters = found.filter(({ up }) => within(up.jitterMs, 8)).length;
    expect(delays).toBeGreaterThanOrEqual(88);
    expect(jitters).toBeGreaterThanOrEqual(85);
  });

  test('a link with another jitter, or another mean, is refused', () => {
    expect(judge({ oneWayMs: 100, jitterMs: 8 }, observe(100, 20, 1)).problem).toMatch(
      /up: jitter of 8 ms asked, a standard deviation of \d\d\.\d\d ms measured/,
    );
    expect(judge({ oneWayMs: 100, jitterMs: 8 }, observe(110, 8, 1)).problem).toContain(
      'up: 100 ms asked, 1',
    );
    expect(judge({ oneWayMs: 100, jitterMs: 8 }, observe(100, 0, 1)).problem).toContain(
      'jitter of 8 ms asked',
    );
  });

  test('segments that were sent again are not taken for jitter', () => {
    const jittery = drifting(100, 8, 3);
    const sentAgain = seen(
      (atUs) => jittery(atUs) + (atUs % 300_000 === 0 ? 250_000 : 0),
      () => 100_100,
      { connectUs: [200_000], firstByteUs: [300_000] },
    );
    const link = { oneWayMs: 100, jitterMs: { up: 8, down: 0 }, loss: { up: 0.03, down: 0 } };
    expect(judge(link, sentAgain).problem).toBeUndefined();
  });
});

describe('rate', () => {
  const train = (kbit: number): { bytes: number; us: number } => ({
    bytes: 9 * 1448,
    us: ((9 * 1500 * 8) / kbit) * 1000,
  });
  const trains = (kbit: number[]): Partial<Observation> => ({
    trainsUp: kbit.map(train),
    trainsDown: [train(400)],
  });

  test('the median of the trains is shown with their range, and judged', () => {
    const link = { oneWayMs: 34, rateKbit: 400 };
    const own = 34_100 + (76 * 8 * 1000) / 400;
    const seenAt = (kbit: number[]): ReturnType<typeof verdict> =>
      judge(link, constant(own, own, { ...trains(kbit), connectUs: [70_500], firstByteUs: [107_500] }));
    const good = seenAt([390, 401, 399, 120, 402]);
    expect(good.problem).toBeUndefined();
    expect(good.up.rateKbit).toMatchObject({ count: 5 });
    expect(good.up.rateKbit?.value).toBeCloseTo(399, 6);
    expect(good.up.rateKbit?.low).toBeCloseTo(120, 6);
    expect(seenAt([380, 379, 381]).problem).toBe(
      'up: 400 kbit/s asked, 380.0 kbit/s measured, off by -5.0 % where 3.0 % are allowed',
    );
  });
});

describe('loss', () => {
  const counted = (lost: number, packets: number): Partial<Evidence> => ({
    traffic: { up: { packets, lost, overflowed: 0 }, down: { packets, lost: 0, overflowed: 0 } },
  });
  const good = constant(34_100, 34_100);

  test('a count that chance explains is accepted, one that it does not is refused', () => {
    const lossy = { oneWayMs: 34, loss: { up: 0.05, down: 0 } };
    expect(judge(lossy, good, counted(9, 300)).problem).toBeUndefined();
    expect(judge(lossy, good, counted(9, 300)).up.loss).toMatchObject({ value: 0.03, count: 300 });
    expect(judge(lossy, good, counted(0, 300)).problem).toMatch(
      /^up: a loss of 5 % asked, 0 of 300 packets lost, which is between 0 % and 2\.91 %/,
    );
    expect(judge(lossy, good, counted(60, 300)).calibrated).toBe(false);
  });

  test('a link that loses what it should not is refused', () => {
    expect(judge({ oneWayMs: 34 }, good, counted(0, 3000)).up.loss).toBeUndefined();
    expect(judge({ oneWayMs: 34 }, good, counted(12, 3000)).problem).toContain(
      'a loss of 0 % asked, 12 of 3000',
    );
  });

  test('losses in bursts say less than losses one by one', () => {
    // In the long run p / (p + r): 5 %. Within 300 packets a handful of bursts may or may not come.
    const burstLoss = { p: 0.005, r: 0.095, lossBad: 1, lossGood: 0 };
    expect(judge({ oneWayMs: 34, burstLoss }, good, counted(0, 300)).problem).toBeUndefined();
    expect(judge({ oneWayMs: 34, loss: 0.05 }, good, counted(0, 300)).problem).toContain('up: a loss');
  });
});
