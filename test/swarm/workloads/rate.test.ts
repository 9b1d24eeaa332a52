import { describe, expect, it } from 'vitest';
import { Rate } from '../../../src/swarm/workloads/rate.ts';

const START_US = 5_000_000;

function rateOf(seconds: number, atMs: readonly number[]): Rate {
  const rate = new Rate(START_US, seconds);
  for (const ms of atMs) rate.count(START_US + ms * 1000);
  return rate;
}

describe('a rate', () => {
  it('is over the schedule where all of it happens in time, however early the last one is', () => {
    const rate = rateOf(3, [0, 500, 999, 1000, 2100]);
    expect([rate.perSecond, rate.forSeconds]).toEqual([[3, 1, 1], 3]);
  });

  it('is over the longer time where it takes longer, with the seconds after the schedule', () => {
    const rate = rateOf(2, [0, 1500, 3250]);
    expect([rate.perSecond, rate.forSeconds]).toEqual([[1, 1, 0, 1], 3.25]);
  });

  it('that was cut short is over the time until then, and what was due later is not missing', () => {
    const rate = rateOf(10, [0, 400, 1200]);
    rate.cut(START_US + 1_500_000);
    expect([rate.perSecond, rate.forSeconds]).toEqual([[2, 1], 1.5]);
  });

  it('that was late when it was cut took as long as it did, and loses nothing', () => {
    const rate = rateOf(1, [0, 2000]);
    rate.cut(START_US + 2_000_000);
    expect([rate.perSecond, rate.forSeconds]).toEqual([[1, 0, 1], 2]);
  });
});
