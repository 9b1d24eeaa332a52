import { describe, expect, it } from 'vitest';
import type { CellResult } from '../../src/results/schema.ts';
import { compare, effect, runOf, verdicts } from './runs.ts';

const TLS13 = 'tls13/reference';

function onlyTls13(change: (cell: CellResult) => CellResult): (cell: CellResult) => CellResult {
  return (cell) => (cell.id.startsWith(TLS13) ? change(cell) : cell);
}

function without(cell: CellResult, ...names: ('wire' | 'bytes')[]): CellResult {
  return Object.fromEntries(
    Object.entries(cell).filter(([name]) => !(names as string[]).includes(name)),
  ) as unknown as CellResult;
}

describe('trips', () => {
  const inferring = (inferred: number | undefined) =>
    runOf({
      seed: 2,
      change: onlyTls13((cell) => {
        const trips = { predicted: 5, predictedMs: 170, residualMs: 2 };
        return {
          ...cell,
          trips: { connectReceived: inferred === undefined ? trips : { ...trips, inferred } },
        };
      }),
    });

  it.each([
    [5.1, 'unchanged', '5 one-way trips in both.'],
    [7.02, 'regressed', '5 one-way trips became 7.'],
    [4.9, 'unchanged', '5 one-way trips in both.'],
    [3, 'improved', '5 one-way trips became 3.'],
    [5.6, 'inconclusive', '5.60 trips are no whole number: something other than the delay is in them.'],
  ])('inferred %d after 5: %s', (inferred, verdict, because) => {
    const comparison = compare(inferring(5.02), inferring(inferred));
    expect(effect(comparison, TLS13, 'trips')).toMatchObject({ verdict, because });
    expect(verdicts(comparison)[TLS13]).toBe(verdict);
  });

  it('are whole numbers before they are compared', () => {
    expect(effect(compare(inferring(5.1), inferring(5.9)), TLS13, 'trips')).toMatchObject({
      verdict: 'regressed',
      because: '5 one-way trips became 6.',
    });
  });

  it('that the candidate cannot infer are missing, which fails', () => {
    expect(effect(compare(inferring(5), inferring(undefined)), TLS13, 'missing')).toMatchObject({
      what: 'inferred trips to connectReceived',
      verdict: 'regressed',
    });
    expect(compare(inferring(undefined), inferring(5)).verdict).toBe('unchanged');
  });
});

describe('bytes', () => {
  const carrying = (handshakeDown: number) =>
    runOf({
      seed: 2,
      change: onlyTls13(({ wire, ...cell }) =>
        wire === undefined ? cell : { ...cell, wire: { ...wire, handshakeDown } },
      ),
    });

  it.each([
    [1860, 'regressed', '1000 bytes more than the baseline.'],
    [893, 'regressed', '33 bytes more than the baseline.'],
    [892, 'unchanged', 'The difference is within ±32 bytes.'],
    [600, 'improved', '260 bytes fewer than the baseline.'],
  ])('%d after 860: %s', (bytes, verdict, because) => {
    const comparison = compare(carrying(860), carrying(bytes));
    expect(effect(comparison, TLS13, 'bytes', 'handshakeDown')).toMatchObject({ verdict, because });
    expect(effect(comparison, TLS13, 'bytes', 'handshakeUp').verdict).toBe('unchanged');
  });

  it('of large handshakes may vary by 1 %', () => {
    expect(effect(compare(carrying(10_000), carrying(10_099)), TLS13, 'bytes', 'handshakeDown').verdict).toBe(
      'unchanged',
    );
  });

  it('as the link saw them are not held against what the client counted', () => {
    const counted = runOf({ change: (cell) => without(cell, 'wire') });
    expect(effect(compare(runOf(), counted), TLS13, 'bytes', 'handshakeDown')).toMatchObject({
      baseline: 1210,
      candidate: 1210,
    });
    const blind = runOf({ change: (cell) => without(cell, 'wire', 'bytes') });
    expect(effect(compare(runOf(), blind), TLS13, 'missing').what).toBe('handshake bytes');
  });
});

describe('negotiated parameters', () => {
  const PSK = 'TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, PSK';
  const CERTIFICATES = 'TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, broker verified';
  const lines = (negotiated: Record<string, number>) =>
    runOf({ change: onlyTls13((cell) => ({ ...cell, negotiated })) });

  it.each([
    [{ [PSK]: 60 }, 'unchanged'],
    [{ [CERTIFICATES]: 60 }, 'regressed'],
    [{ [PSK]: 50, [CERTIFICATES]: 10 }, 'regressed'],
    [{ [PSK]: 59, [CERTIFICATES]: 1 }, 'inconclusive'],
    [{}, 'regressed'],
  ])('%o after a PSK: %s', (negotiated, verdict) => {
    const comparison = compare(lines({ [PSK]: 60 }), lines(negotiated));
    expect(effect(comparison, TLS13, 'negotiated').verdict).toBe(verdict);
  });

  it('are told, those of both', () => {
    expect(
      effect(compare(lines({ [PSK]: 60 }), lines({ [CERTIFICATES]: 60 })), TLS13, 'negotiated').because,
    ).toBe(`60 of 60 negotiated ${CERTIFICATES}; the baseline ${PSK}.`);
  });
});
