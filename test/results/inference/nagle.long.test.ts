import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NULL_LINK, resolveLink } from '../../../src/link/spec.ts';
import { hasTun } from '../../helpers/tun.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { inferenceOf, provoke } from './provoke.ts';

const here = await hasTun();
/** Uneven, so that no figure can take one direction for the other. */
const NEAR = resolveLink({ name: 'near', oneWayMs: { up: 40, down: 20 } });

test(
  'Nagle’s algorithm at the broker stalls CONNACK of TLS 1.3 and of nothing else, and is named',
  { timeout: 60_000 },
  async () => {
    // The proxy has a TCP leg of its own to the broker: the stall shows where nothing lies between, and not beyond it.
    const { results } = await provoke(
      {
        modes: ['plain', 'tls12', 'tls13'],
        links: [NEAR, NULL_LINK],
        backend: 'proxy',
        rounds: 30,
        nagle: true,
      },
      join(temporaryFolder(), 'run'),
    );
    for (const mode of ['plain', 'tls12', 'tls13']) {
      const named = inferenceOf(results, mode).reasons.map(({ name }) => name);
      expect([mode, named]).toEqual([mode, []]);
    }
    for (const mode of ['plain', 'tls12']) {
      const named = inferenceOf(results, mode, 'aedes-nagle').reasons.map(({ name }) => name);
      expect([mode, named]).toEqual([mode, []]);
    }
    const { reasons } = inferenceOf(results, 'tls13', 'aedes-nagle');
    expect(reasons).toEqual([{ name: 'nagle', evidence: expect.stringContaining('noDelay false') }]);
    const ms = Number(/CONNACK comes ([\d.]+) ms later/.exec(reasons[0]?.evidence ?? '')?.[1]);
    expect(ms).toBeGreaterThan(35);
    expect(ms).toBeLessThan(60);
  },
);

test.skipIf(!here)(
  'over a link of real TCP the stall is 40 ms and a round trip, so that CONNACK differs by two trips and first data by none',
  { timeout: 60_000 },
  async () => {
    const { results } = await provoke(
      { modes: ['tls13'], links: [NEAR, NULL_LINK], backend: 'tun', rounds: 30, nagle: true },
      join(temporaryFolder(), 'run'),
    );
    // A busy machine may make TCP send a segment again, or leave too few good samples; it makes no stall.
    const without = inferenceOf(results, 'tls13');
    expect(without.verdict).not.toBe('differs');
    expect(without.reasons.map(({ name }) => name)).not.toContain('nagle');
    const { verdict, estimates, reasons } = inferenceOf(results, 'tls13', 'aedes-nagle');
    expect(verdict).toBe('differs');
    expect(
      estimates.map(({ milestone, verdict, trips = 0 }) => [milestone, verdict, Math.round(trips)]),
    ).toEqual([
      ['connectReceived', 'agrees', 5],
      ['connackReceived', 'differs', 8],
    ]);
    // What is left at no delay is the delayed acknowledgement.
    expect((estimates[1]?.interceptMs ?? 0) - (estimates[0]?.interceptMs ?? 0)).toBeGreaterThan(35);
    expect(reasons[0]?.name).toBe('nagle');
    expect(reasons[0]?.evidence).toMatch(
      /^Over near CONNACK comes (9\d|10\d|11\d)\.\d ms later .* and the round trip of 6\d\.\d ms/,
    );
  },
);
