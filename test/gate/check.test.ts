import { describe, expect, it, test } from 'vitest';
import { checkExpectations } from '../../src/gate/check.ts';
import type { Check } from '../../src/gate/gate.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { expectSchema, type Expect } from '../../src/scenario/expect.ts';
import { fixture } from '../report/fixture.ts';

const LINE = 'TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, broker verified';

function results(change: (cell: CellResult) => Partial<CellResult> = () => ({})): Results {
  const made = fixture({ modes: ['plain', 'tls13'], samples: 200 });
  return { ...made, cells: made.cells.map((cell) => ({ ...cell, ...change(cell) })) };
}

/** The checks of one expectation as `cell what: found, verdict`, the cells by mode and link. */
function checks(
  expected: Partial<Expect>,
  of: Results = results(),
  kind: Check['expectation'] = Object.keys(expected)[0] as Check['expectation'],
): string[] {
  return checkExpectations(of, expectSchema.parse(expected))
    .filter(({ expectation }) => expectation === kind)
    .map(
      ({ cell, what, expected: wanted, found, passed }) =>
        `${cell.split('/').slice(0, 2).join('/')} ${what}, ${wanted}: ${found} ${passed ? 'holds' : 'FAILS'}`,
    );
}

describe('trips', () => {
  it('equal theory over links that only delay', () => {
    expect(checks({ trips: 'theory' })).toEqual([
      'plain/reference connectReceived, 3: 3.00 holds',
      'tls13/reference connectReceived, 5: 5.00 holds',
    ]);
  });

  it('equal a number by mode, of first data or of milestones', () => {
    expect(checks({ trips: { plain: 3, tls13: { connectReceived: 6, connackReceived: 6 } } })).toEqual([
      'plain/reference connectReceived, 3: 3.00 holds',
      'tls13/reference connectReceived, 6: 5.00 FAILS',
      'tls13/reference connackReceived, 6: 6.00 holds',
    ]);
    expect(checks({ trips: { all: 'theory', tls13: 7 } })).toEqual([
      'plain/reference connectReceived, 3: 3.00 holds',
      'tls13/reference connectReceived, 7: 5.00 FAILS',
    ]);
  });

  it('that were not inferred fail: no null link, few samples, no such milestone', () => {
    const without = fixture({ modes: ['tls13'], links: { reference: 34 } });
    expect(checks({ trips: 'theory' }, without)).toEqual([
      'tls13/reference connectReceived, 5: not inferred: is there a null link? FAILS',
    ]);
    const few = fixture({ modes: ['tls13'], samples: 9 });
    expect(checks({ trips: 'theory' }, few)).toEqual([
      'tls13/reference connectReceived, 5: 9 undisturbed samples, expected at least 10 FAILS',
    ]);
    expect(checks({ trips: { tls13: { subackReceived: 8 } } })).toEqual([
      'tls13/reference subackReceived, 8: 0 undisturbed samples, expected at least 10 FAILS',
    ]);
    const nullOnly = fixture({ modes: ['tls13'], links: { null: 0 } });
    expect(checks({ trips: 'theory' }, nullOnly)).toEqual([
      'tls13 connectReceived, theory: no link that only delays FAILS',
    ]);
  });

  it('that rest on too few samples over the null link fail, and it is named', () => {
    const few = (count: number): Results =>
      results(({ link, milestones: { connectReceived, ...milestones } }) =>
        link !== 'null'
          ? {}
          : {
              milestones:
                connectReceived === undefined || count === 0
                  ? milestones
                  : { ...milestones, connectReceived: { ...connectReceived, count } },
            },
      );
    for (const count of [0, 9])
      expect(checks({ trips: { tls13: 5 } }, few(count))).toEqual([
        `tls13/reference connectReceived, 5: ${count} undisturbed samples of tls13/null/aedes/direct/handshake, from which they are inferred, expected at least 10 FAILS`,
      ]);
    expect(checks({ trips: { tls13: 5 } }, few(10))).toEqual([
      'tls13/reference connectReceived, 5: 5.00 holds',
    ]);
  });

  it('that are no whole number fail', () => {
    const vague = results(({ trips }) =>
      trips.connectReceived === undefined
        ? {}
        : { trips: { ...trips, connectReceived: { ...trips.connectReceived, inferred: 5.3 } } },
    );
    expect(checks({ trips: { tls13: 5 } }, vague)).toEqual([
      'tls13/reference connectReceived, 5: 5.30 FAILS',
    ]);
  });
});

describe('bytes', () => {
  it('may be as many as the budget says, and none more', () => {
    expect(checks({ bytes: { tls13: { handshakeUp: 312, handshakeDown: 813 } } })).toEqual([
      'tls13/reference handshakeUp, at most 312: 312 holds',
      'tls13/reference handshakeDown, at most 813: 814 FAILS',
      'tls13/null handshakeUp, at most 312: 312 holds',
      'tls13/null handshakeDown, at most 813: 814 FAILS',
    ]);
  });

  it('that nobody saw fail', () => {
    const blind = fixture({ modes: ['plain'], links: { null: 0 } });
    expect(checks({ bytes: { all: { handshakeUp: 100 } } }, blind)).toEqual([
      'plain/null handshakeUp, at most 100: no bytes were seen FAILS',
    ]);
  });
});

describe('negotiated', () => {
  const negotiating = (lines: Record<string, number>): Results =>
    results(({ mode }) => (mode === 'tls13' ? { negotiated: lines } : {}));
  const expected = { negotiated: { tls13: { protocol: 'TLSv1.3', group: 'X25519', psk: false } } } as const;

  it('parameters must be those of every attempt', () => {
    expect(checks(expected, negotiating({ [LINE]: 200 })).slice(0, 3)).toEqual([
      'tls13/reference protocol, TLSv1.3: TLSv1.3 (200) holds',
      'tls13/reference group, X25519: X25519 (200) holds',
      'tls13/reference psk, false: false (200) holds',
    ]);
    const weaker = negotiating({ [LINE]: 199, 'TLSv1.3, TLS_AES_128_GCM_SHA256, PSK': 1 });
    expect(checks(expected, weaker).slice(0, 3)).toEqual([
      'tls13/reference protocol, TLSv1.3: TLSv1.3 (200) holds',
      'tls13/reference group, X25519: X25519 (199), none (1) FAILS',
      'tls13/reference psk, false: false (199), true (1) FAILS',
    ]);
  });

  it('by nobody fail', () => {
    expect(checks(expected, negotiating({}))[0]).toBe(
      'tls13/reference protocol, TLSv1.3: nothing was negotiated FAILS',
    );
  });
});

describe('limits', () => {
  it('are for all cells, or for a mode, a link or both', () => {
    const limit = { milestone: 'connectReceived', percentile: 90, maxMs: 150 } as const;
    expect(checks({ limits: [limit] }).map((text) => text.replace(/: .* /, ': '))).toEqual([
      'plain/reference connectReceived p90, at most 150 ms: holds',
      'tls13/reference connectReceived p90, at most 150 ms: FAILS',
      'plain/null connectReceived p90, at most 150 ms: holds',
      'tls13/null connectReceived p90, at most 150 ms: holds',
    ]);
    expect(checks({ limits: [{ ...limit, mode: 'tls13', link: 'null' }] })).toEqual([
      expect.stringMatching(/^tls13\/null connectReceived p90, at most 150 ms: \d\.\d\d ms holds$/),
    ]);
  });

  it('on percentiles with fewer than ten samples beyond them fail', () => {
    const at = (percentile: number) =>
      checks({
        limits: [{ mode: 'plain', link: 'null', milestone: 'connectReceived', percentile, maxMs: 900 }],
      });
    expect(at(95)).toEqual([expect.stringMatching(/holds$/)]);
    expect(at(95.1)).toEqual([
      'plain/null connectReceived p95.1, at most 900 ms: 9 of 200 samples lie beyond it, expected at least 10 FAILS',
    ]);
  });

  it('on what was not measured fail', () => {
    const limit = { percentile: 50, maxMs: 900 } as const;
    expect(checks({ limits: [{ ...limit, mode: 'mtls13', milestone: 'connectReceived' }] })).toEqual([
      'mtls13/every link connectReceived p50, at most 900 ms: no such cell was measured FAILS',
    ]);
    expect(checks({ limits: [{ ...limit, link: 'null', milestone: 'refused' }] })).toEqual([
      'plain/null refused p50, at most 900 ms: no good sample FAILS',
      'tls13/null refused p50, at most 900 ms: no good sample FAILS',
    ]);
  });
});

test('the failure budget holds for each cell', () => {
  const lossy = results(({ mode, samples }) => ({
    samples: { ...samples, failed: mode === 'plain' ? 2 : 3, attempted: 200 },
  }));
  expect(checks({ failureBudget: 0.01 }, lossy).slice(0, 2)).toEqual([
    'plain/reference , at most 1 %: 2 failed and 0 excluded of 200: 1 % holds',
    'tls13/reference , at most 1 %: 3 failed and 0 excluded of 200: 1.5 % FAILS',
  ]);
  const idle = results(({ samples }) => ({ samples: { ...samples, attempted: 0 } }));
  expect(checks({ failureBudget: 1 }, idle)[0]).toContain('nothing was attempted');
});

test('a run that was cut short, and a mode that the TLS stack does not have, fail', () => {
  const cut = {
    ...results(),
    complete: false,
    incompleteBecause: 'The run was interrupted.',
    unsupported: [{ mode: 'tls13+key=ml-dsa-44', reason: 'OpenSSL 3.0' }],
  };
  expect(checks({}, cut, 'complete')).toEqual([
    'run , measured to its end: The run was interrupted. FAILS',
    'tls13+key=ml-dsa-44 , measured: not supported here: OpenSSL 3.0 FAILS',
  ]);
  expect(checks({}, results(), 'complete')).toEqual([
    'run , measured to its end: 4 cells, measured to the end holds',
  ]);
});
