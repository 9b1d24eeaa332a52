import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NULL_LINK, resolveLink } from '../../../src/link/spec.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';
import { inferenceOf, judgedAs, provoke, type Provoked } from './provoke.ts';

const LARGE = 'tls13+padBytes=16000';
const ROUNDS = 24;

const newFolder = sharedFolders();
let provoked: Provoked;
beforeAll(async () => {
  provoked = await provoke(
    {
      modes: ['tls12', 'tls13', 'tls13-hrr', LARGE],
      links: [resolveLink({ name: 'near', oneWayMs: 30 }), NULL_LINK],
      backend: 'proxy',
      rounds: ROUNDS,
    },
    join(newFolder(), 'run'),
  );
}, 60_000);

describe('a mode that does what it is asked for', () => {
  it.each([
    ['tls12', 7],
    ['tls13', 5],
    ['tls13-hrr', 7],
  ])('%s agrees with theory, and nothing is to be told of it', (mode, trips) => {
    const { verdict, estimates, reasons } = inferenceOf(provoked.results, mode);
    expect(verdict).toBe('agrees');
    expect(reasons).toEqual([]);
    expect(estimates.map(({ milestone, theory }) => [milestone, theory])).toEqual([
      ['connectReceived', trips],
      ['connackReceived', trips + 1],
    ]);
    for (const estimate of estimates) {
      expect(estimate).toMatchObject({ from: { kind: 'null-link', link: 'null' }, excluded: 0 });
      expect(Math.round(estimate.trips ?? Number.NaN)).toBe(estimate.theory);
      expect(estimate.tripsLow).toBeLessThanOrEqual(estimate.trips ?? Number.NaN);
      expect(estimate.tripsHigh).toBeGreaterThanOrEqual(estimate.trips ?? Number.NaN);
      expect(estimate.interceptMs).toBeGreaterThan(0);
    }
  });
});

describe('slow start', () => {
  it('is in theory’s trips where the link sees the flights, so that the mode agrees and the reason is told', () => {
    const { verdict, estimates, reasons } = inferenceOf(provoked.results, LARGE);
    expect(verdict).toBe('agrees');
    expect(estimates[0]?.theory).toBe(7);
    expect(reasons).toEqual([{ name: 'slow-start', evidence: expect.stringContaining('14,480 bytes') }]);
    expect(reasons[0]?.evidence).toMatch(
      /Certificate.*, 1[67],\d{3} bytes, .* 1 round trip more, which theory’s trips here include\./,
    );
  });
});

describe('a session that is lost', () => {
  it('makes TLS 1.2 differ by two trips, in attempts that are in no other figure', () => {
    const { cells, inferences, slopes } = judgedAs(provoked, 'tls12', 'tls12-resumed-ticket');
    for (const { samples, milestones } of cells) {
      expect(samples.ok).toBe(0);
      expect(milestones).toEqual({});
    }
    expect(slopes).toEqual([]);
    const { verdict, estimates, reasons } = inferenceOf({ inferences }, 'tls12-resumed-ticket');
    expect(verdict).toBe('differs');
    expect(estimates[0]).toMatchObject({ theory: 5, verdict: 'differs' });
    expect(Math.round(estimates[0]?.trips ?? Number.NaN)).toBe(7);
    expect(estimates[0]?.excluded).toBe(estimates[0]?.attempts);
    expect(reasons.map(({ name }) => name)).toEqual(['lost-resumption']);
    const [, lost, all] =
      /In (\d+) of (\d+) attempts .* two trips more/.exec(reasons[0]?.evidence ?? '') ?? [];
    expect([lost, Number(lost) > ROUNDS]).toEqual([all, true]);
  });

  it('costs TLS 1.3 bytes and no trip', () => {
    const { verdict, reasons } = inferenceOf(judgedAs(provoked, 'tls13', 'tls13-resumed'), 'tls13-resumed');
    expect(verdict).toBe('agrees');
    expect(reasons).toEqual([
      { name: 'lost-resumption', evidence: expect.stringMatching(/no trip more, but bytes .*: 1\d{3}\.$/) },
    ]);
  });
});

describe('a HelloRetryRequest', () => {
  it('that the mode does not expect makes it differ by two trips', () => {
    const { verdict, estimates, reasons } = inferenceOf(judgedAs(provoked, 'tls13-hrr', 'tls13'), 'tls13');
    expect(verdict).toBe('differs');
    expect(Math.round(estimates[0]?.trips ?? Number.NaN)).toBe(7);
    expect(reasons).toEqual([
      { name: 'hello-retry-request', evidence: expect.stringContaining('two trips more (RFC 8446 §2.1)') },
    ]);
  });

  it('that the mode expects and that does not come is two trips less', () => {
    const { verdict, estimates, reasons } = inferenceOf(
      judgedAs(provoked, 'tls13', 'tls13-hrr'),
      'tls13-hrr',
    );
    expect(verdict).toBe('differs');
    expect(Math.round(estimates[0]?.trips ?? Number.NaN)).toBe(5);
    expect(reasons).toEqual([
      { name: 'hello-retry-request', evidence: expect.stringContaining('two trips less') },
    ]);
  });
});

it('a mode that differs for none of the known reasons says so', () => {
  const { verdict, reasons } = inferenceOf(judgedAs(provoked, 'tls12', 'tls13'), 'tls13');
  expect(verdict).toBe('differs');
  expect(reasons).toEqual([
    {
      name: 'unknown',
      evidence: expect.stringMatching(/^connectReceived takes [67]\.\d\d trips where theory says 5, and /),
    },
  ]);
});
