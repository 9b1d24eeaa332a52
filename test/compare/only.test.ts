import { describe, expect, it, test } from 'vitest';
import type { EffectKind } from '../../src/compare/comparison.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { compare, effect, runOf, verdicts } from './runs.ts';

const TLS13 = 'tls13/reference';
const only: EffectKind[] = ['trips', 'bytes', 'negotiated', 'losses'];
const inTls13 = (change: (cell: CellResult) => CellResult) =>
  runOf({ seed: 2, change: (cell) => (cell.id.startsWith(TLS13) ? change(cell) : cell) });

describe('with timing left out of what is judged', () => {
  it('tells that a mode became slower, and does not fail for it', () => {
    const slower = runOf({ seed: 2, extraMs: (id) => (id.startsWith('tls13') ? 5 : 0) });
    expect(compare(runOf(), slower).verdict).toBe('regressed');
    const comparison = compare(runOf(), slower, { only });
    expect(comparison.verdict).toBe('unchanged');
    expect(effect(comparison, TLS13, 'timing', 'connectReceived')).toMatchObject({
      verdict: 'regressed',
      judged: false,
    });
    expect(comparison.settings.only).toEqual(only);
    expect(comparison.notes).toEqual([
      'Only trips, bytes, negotiated, losses are judged; what else differs is told.',
    ]);
  });

  it.each<[string, (cell: CellResult) => CellResult]>([
    [
      'bytes',
      (cell) =>
        cell.wire === undefined
          ? cell
          : { ...cell, wire: { ...cell.wire, handshakeDown: cell.wire.handshakeDown + 500 } },
    ],
    [
      'trips',
      ({ trips: { connectReceived, ...others }, ...cell }) => ({
        ...cell,
        trips:
          connectReceived === undefined
            ? others
            : { ...others, connectReceived: { ...connectReceived, inferred: 7 } },
      }),
    ],
    ['negotiated', (cell) => ({ ...cell, negotiated: { 'TLSv1.2, other': 60 } })],
    [
      'losses',
      (cell) => ({ ...cell, samples: { ...cell.samples, ok: 30, failed: 30, reasons: { timeout: 30 } } }),
    ],
    ['missing trips', ({ trips: { connectReceived: _gone, ...trips }, ...cell }) => ({ ...cell, trips })],
  ])('still fails for %s', (_, change) => {
    expect(verdicts(compare(runOf(), inTls13(change), { only }))[TLS13]).toBe('regressed');
  });

  it('tells of missing times, and does not fail for them', () => {
    const gone = inTls13(({ milestones: { connectReceived: _gone, ...milestones }, ...cell }) => ({
      ...cell,
      milestones,
    }));
    expect(effect(compare(runOf(), gone), TLS13, 'missing', 'connectReceived').judged).toBe(true);
    expect(effect(compare(runOf(), gone, { only }), TLS13, 'missing', 'connectReceived').judged).toBe(false);
  });

  it('still fails for a cell that is missing', () => {
    expect(compare(runOf(), runOf({ seed: 2, modes: ['plain', 'tls12'] }), { only }).verdict).toBe(
      'regressed',
    );
  });
});

test('with timing alone judged, bytes are told', () => {
  const larger = inTls13((cell) =>
    cell.wire === undefined ? cell : { ...cell, wire: { ...cell.wire, handshakeDown: 5000 } },
  );
  const comparison = compare(runOf(), larger, { only: ['timing'] });
  expect(comparison.verdict).toBe('unchanged');
  expect(effect(comparison, TLS13, 'bytes', 'handshakeDown')).toMatchObject({
    verdict: 'regressed',
    judged: false,
  });
});
