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

  it('that are half a trip apart are not one more, though they round to it', () => {
    expect(effect(compare(inferring(5.24), inferring(5.76)), TLS13, 'trips')).toMatchObject({
      verdict: 'inconclusive',
      because: 'From 5.24 to 5.76 trips it is less than one trip, whatever they are rounded to.',
    });
  });

  it('that the candidate cannot infer are missing, which fails', () => {
    expect(effect(compare(inferring(5), inferring(undefined)), TLS13, 'missing')).toMatchObject({
      what: 'inferred trips to connectReceived',
      verdict: 'regressed',
    });
  });

  it('that the baseline did not infer are inconclusive: nobody knows', () => {
    const comparison = compare(inferring(undefined), inferring(5), { only: ['trips'] });
    expect(comparison.verdict).toBe('inconclusive');
    expect(effect(comparison, TLS13, 'missing')).toMatchObject({
      what: 'inferred trips to connectReceived',
      verdict: 'inconclusive',
      because: 'The baseline lacks it, so that there is nothing to hold it against.',
    });
  });
});

describe('trips, which are a difference to the same cell over a null link,', () => {
  const inferring = (inferred: number, oneWayMs: number) =>
    runOf({
      links: { reference: oneWayMs, null: 0 },
      change: onlyTls13((cell) => ({
        ...cell,
        trips: { connectReceived: { predicted: 5, predictedMs: 170, residualMs: 2, inferred } },
      })),
    });
  /** A run that infers seven trips where the baseline had five, and something about the cell over the null link. */
  const overNull = (change: (cell: CellResult) => CellResult) => {
    const run = inferring(7, 34);
    const cells = run.results.cells.map((cell) => (cell.id.startsWith('tls13/null/') ? change(cell) : cell));
    return { ...run, results: { ...run.results, cells } };
  };

  it('are not told over a link so short that medians of the same code differ by trips', () => {
    const [before, after] = [inferring(5, 2), inferring(7, 2)];
    expect(effect(compare(before, after), TLS13, 'trips')).toMatchObject({
      verdict: 'inconclusive',
      because:
        'One trip over this link is 2.00 ms: to be told from what medians differ by anyway it would have to be 6.00 ms.',
    });
    expect(effect(compare(before, before), TLS13, 'trips').verdict).toBe('inconclusive');
    // On a machine that is said to be quieter.
    expect(effect(compare(before, after, { minEffectMs: 0.5 }), TLS13, 'trips').verdict).toBe('regressed');
    // Who does not care for less than 50 ms knows trips of 34 ms as well as anybody.
    const far = compare(inferring(5, 34), inferring(7, 34), { minEffectMs: 50 });
    expect(effect(far, TLS13, 'trips').verdict).toBe('regressed');
  });

  it('are inconclusive where that cell has few samples, or is mostly disturbed, in either run', () => {
    const few = overNull(({ milestones: { connectReceived, ...milestones }, ...cell }) => ({
      ...cell,
      milestones:
        connectReceived === undefined
          ? milestones
          : { ...milestones, connectReceived: { ...connectReceived, count: 9 } },
    }));
    const good = inferring(5, 34);
    expect(effect(compare(good, few), TLS13, 'trips')).toMatchObject({
      verdict: 'inconclusive',
      because:
        'Over the null link the candidate has 9 undisturbed samples to infer trips from, fewer than 10.',
    });
    expect(effect(compare(few, good), TLS13, 'trips').because).toMatch(/^Over the null link the baseline/);
    const busy = overNull((cell) => ({ ...cell, samples: { ...cell.samples, tainted: 31 } }));
    expect(effect(compare(good, busy), TLS13, 'trips')).toMatchObject({
      verdict: 'inconclusive',
      because:
        'Over the null link the candidate has 48 % of its samples left undisturbed: the machine was too busy.',
    });
  });

  it('are inconclusive where their own cell is mostly disturbed', () => {
    const run = inferring(7, 34);
    const cells = run.results.cells.map(
      onlyTls13((cell) => ({ ...cell, samples: { ...cell.samples, tainted: 31 } })),
    );
    const busy = { ...run, results: { ...run.results, cells } };
    expect(effect(compare(inferring(5, 34), busy), TLS13, 'trips')).toMatchObject({
      verdict: 'inconclusive',
      because: 'The candidate has 48 % of its samples left undisturbed: the machine was too busy.',
    });
  });

  it('are missing, and no regression, where all of that cell was disturbed', () => {
    const gone = overNull((cell) => ({
      ...cell,
      milestones: {},
      samples: { ...cell.samples, tainted: cell.samples.ok },
    }));
    const cells = gone.results.cells.map(onlyTls13((cell) => ({ ...cell, trips: {} })));
    const candidate = { ...gone, results: { ...gone.results, cells } };
    expect(
      effect(compare(inferring(5, 34), candidate), TLS13, 'missing', 'inferred trips to connectReceived'),
    ).toMatchObject({
      verdict: 'inconclusive',
      because:
        'The candidate lacks it: all of the 60 good samples of tls13/null/aedes/direct/handshake were disturbed by the machine.',
    });
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
    expect(effect(compare(runOf(), blind), TLS13, 'missing')).toMatchObject({
      what: 'handshake bytes',
      verdict: 'regressed',
    });
    const seen = runOf({ change: (cell) => without(cell, 'bytes') });
    for (const [before, after, who] of [
      [seen, counted, 'baseline'],
      [counted, seen, 'candidate'],
    ] as const) {
      const { verdict, because } = effect(compare(before, after), TLS13, 'missing', 'handshake bytes');
      expect(verdict).toBe('inconclusive');
      expect(because).toMatch(`Those of the ${who} are what the link saw`);
    }
  });

  it('that the baseline has none of are inconclusive; without TLS there are none to have', () => {
    const blind = runOf({ change: (cell) => without(cell, 'wire', 'bytes') });
    const comparison = compare(blind, runOf(), { only: ['bytes'] });
    expect(verdicts(comparison)).toMatchObject({ [TLS13]: 'inconclusive', 'plain/reference': 'unchanged' });
    const zero = runOf({
      modes: ['plain'],
      change: (cell) => ({ ...cell, bytes: { handshakeUp: 0, handshakeDown: 0 } }),
    });
    const nothing = runOf({ modes: ['plain'] });
    for (const sides of [
      [zero, nothing],
      [nothing, zero],
    ] as const)
      expect(compare(...sides).counts).toMatchObject({ unchanged: 2 });
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

  it('that the baseline has none of are inconclusive', () => {
    const comparison = compare(lines({}), lines({ [PSK]: 60 }), { only: ['negotiated'] });
    expect(verdicts(comparison)[TLS13]).toBe('inconclusive');
    expect(compare(lines({}), lines({})).verdict).toBe('unchanged');
  });

  it('are told, those of both', () => {
    expect(
      effect(compare(lines({ [PSK]: 60 }), lines({ [CERTIFICATES]: 60 })), TLS13, 'negotiated').because,
    ).toBe(`60 of 60 negotiated ${CERTIFICATES}; the baseline ${PSK}.`);
  });
});
