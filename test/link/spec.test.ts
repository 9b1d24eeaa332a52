import { describe, expect, it } from 'vitest';
import { isNullLink, linkInputSchema, NULL_LINK, resolveLink } from '../../src/link/spec.ts';

describe('resolveLink', () => {
  it('spells one value out for both directions', () => {
    expect(resolveLink({ oneWayMs: 34 })).toEqual({
      id: '34ms',
      up: { delayMs: 34, jitterMs: 0, loss: 0 },
      down: { delayMs: 34, jitterMs: 0, loss: 0 },
    });
  });

  it('halves a round trip', () => {
    expect(resolveLink({ rttMs: 68 })).toEqual(resolveLink({ oneWayMs: 34 }));
  });

  it('keeps the directions apart', () => {
    expect(
      resolveLink({ oneWayMs: { up: 440, down: 400 }, rateKbit: { up: 200, down: 240 }, loss: 0.01 }),
    ).toEqual({
      id: '440-400ms-loss0.01-200-240kbit',
      up: { delayMs: 440, jitterMs: 0, loss: 0.01, rateKbit: 200 },
      down: { delayMs: 400, jitterMs: 0, loss: 0.01, rateKbit: 240 },
    });
  });

  it('takes the name as id', () => {
    expect(resolveLink({ name: 'reference', oneWayMs: 34 }).id).toBe('reference');
  });

  it('refuses a delay that is given twice or not at all', () => {
    expect(() => resolveLink({ oneWayMs: 34, rttMs: 68 })).toThrow(/either `oneWayMs` or `rttMs`/);
    expect(() => resolveLink({ jitterMs: 3 })).toThrow(/needs its delay/);
  });

  it('knows a link that changes nothing', () => {
    expect(isNullLink(NULL_LINK)).toBe(true);
    expect(isNullLink(resolveLink({ oneWayMs: { up: 0, down: 1 } }))).toBe(false);
    expect(isNullLink(resolveLink({ oneWayMs: 0, rateKbit: 100 }))).toBe(false);
  });
});

describe('linkInputSchema', () => {
  it.each([
    ['a negative delay', { oneWayMs: -1 }],
    ['NaN', { oneWayMs: NaN }],
    ['a delay beyond a minute', { oneWayMs: 60_001 }],
    ['an ambiguous latency', { latency: 34 }],
    ['one direction alone', { oneWayMs: { up: 3 } }],
    ['a loss of everything', { oneWayMs: 3, loss: 1 }],
    ['no rate at all', { oneWayMs: 3, rateKbit: 0 }],
    ['a name with capitals', { oneWayMs: 3, name: 'LTE' }],
  ])('refuses %s', (_, input) => {
    expect(linkInputSchema.safeParse(input).success).toBe(false);
  });
});
