import { describe, expect, it, test } from 'vitest';
import { netemBackend } from '../../../src/link/netem.ts';
import { limitPackets, netemOptions } from '../../../src/link/netem/options.ts';
import { profile, profileNames } from '../../../src/link/profiles.ts';
import { resolveLink, type Direction, type LinkInput } from '../../../src/link/spec.ts';

function up(input: LinkInput): Direction {
  return resolveLink(input).up;
}

function optionsOf(input: LinkInput, seed?: number): string {
  const [limit, , ...rest] = netemOptions(up(input), seed);
  expect(limit).toBe('limit');
  return rest.join(' ');
}

test.each<[string, LinkInput, string]>([
  ['nothing at all', { oneWayMs: 0 }, ''],
  ['a delay', { oneWayMs: 34 }, 'delay 34ms'],
  ['a part of a millisecond', { oneWayMs: 0.5 }, 'delay 0.5ms'],
  ['without the noise of binary fractions', { oneWayMs: 0.1 + 0.2 }, 'delay 0.3ms'],
  ['normal jitter', { oneWayMs: 35, jitterMs: 4 }, 'delay 35ms 4ms distribution normal'],
  [
    'uniform jitter: netem draws from −J to +J, so J is √3 standard deviations',
    { oneWayMs: 35, jitterMs: 4, jitterDistribution: 'uniform' },
    'delay 35ms 6.928203ms',
  ],
  [
    'Pareto jitter: its table has a standard deviation of 0.82',
    { oneWayMs: 35, jitterMs: 4.1, jitterDistribution: 'pareto' },
    'delay 35ms 5ms distribution pareto',
  ],
  [
    'jitter alone, which netem takes only with a delay',
    { oneWayMs: 0, jitterMs: 2 },
    'delay 0.001ms 2ms distribution normal',
  ],
  ['random loss', { oneWayMs: 1, loss: 0.015 }, 'delay 1ms loss random 1.5%'],
  [
    'loss in bursts: p, r, what is lost in the bad state, what in the good one',
    { oneWayMs: 1, burstLoss: { p: 0.01, r: 0.25, lossBad: 0.8, lossGood: 0.002 } },
    'delay 1ms loss gemodel 1% 25% 80% 0.2%',
  ],
  ['duplicates', { oneWayMs: 1, duplicate: 0.02 }, 'delay 1ms duplicate 2%'],
  ['reordering', { oneWayMs: 20, reorder: 0.25 }, 'delay 20ms reorder 25%'],
  [
    'a rate in kbit, without the Ethernet headers of the pair',
    { oneWayMs: 420, rateKbit: 26 },
    'delay 420ms rate 26kbit -14',
  ],
])('%s', (_, input, expected) => {
  expect(optionsOf(input)).toBe(expected);
});

it('takes each direction by itself', () => {
  const link = resolveLink({
    oneWayMs: { up: 10, down: 40 },
    rateKbit: { up: 128, down: 1000 },
    loss: { up: 0.1, down: 0 },
  });
  expect(netemOptions(link.up).slice(2).join(' ')).toBe('delay 10ms loss random 10% rate 128kbit -14');
  expect(netemOptions(link.down).slice(2).join(' ')).toBe('delay 40ms rate 1000kbit -14');
});

it('has a seed only where there is something random', () => {
  expect(optionsOf({ oneWayMs: 34 }, 7)).toBe('delay 34ms');
  expect(optionsOf({ oneWayMs: 34, loss: 0.1 }, 7)).toBe('delay 34ms loss random 10% seed 7');
});

describe('the limit', () => {
  it('has room for all that is under way and 1000 packets before the rate limiter', () => {
    // 400 kbit/s are 1250 packets of 40 bytes a second.
    expect(limitPackets(up({ oneWayMs: 200, rateKbit: 400 }))).toBe(1000 + 250);
  });

  it('counts the longest delay that jitter makes', () => {
    expect(limitPackets(up({ oneWayMs: 200, jitterMs: 50, rateKbit: 400 }))).toBe(1000 + 500);
  });

  it('is never the default of netem, that drops what a long link has under way', () => {
    // 100 Mbit/s in packets of 1500 bytes, 600 ms one way: 5000 packets.
    expect(limitPackets(up({ oneWayMs: 600 }))).toBeGreaterThan(100_000);
    expect(limitPackets(up({ oneWayMs: 600, rateKbit: 100_000 }))).toBeGreaterThan(5000 + 1000);
  });

  it('fits into what the kernel takes', () => {
    expect(
      limitPackets(
        up({ oneWayMs: 60_000, jitterMs: 60_000, jitterDistribution: 'uniform', rateKbit: 10_000_000 }),
      ),
    ).toBeLessThan(2 ** 32);
  });
});

describe('what netem cannot do', () => {
  it('is jitter together with a rate, in the same direction', () => {
    const reason = expect.stringMatching(
      /keeps packets in order.*jitter together with a rate.*raise the mean delay/,
    ) as string;
    expect(netemBackend.cannot(resolveLink({ oneWayMs: 50, jitterMs: 5, rateKbit: 100 }))).toEqual([reason]);
    expect(
      netemBackend.cannot(
        resolveLink({ oneWayMs: 50, jitterMs: { up: 0, down: 5 }, rateKbit: { up: 100, down: 100 } }),
      ),
    ).toEqual([reason]);
  });

  it('is nothing else', () => {
    const able = profileNames().filter((name) => netemBackend.cannot(profile(name)).length === 0);
    expect(able).toEqual(expect.arrayContaining(['null', 'reference', 'wifi', '3g', 'edge-lossy']));
    expect(able).not.toContain('nb-iot');
    const all = { loss: 0.1, reorder: 0.1, duplicate: 0.1, rateKbit: 100 };
    expect(netemBackend.cannot(resolveLink({ oneWayMs: 50, ...all }))).toEqual([]);
    expect(netemBackend.cannot(resolveLink({ oneWayMs: 50, jitterMs: 5, loss: 0.1 }))).toEqual([]);
  });
});
