import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeLabels, wrapMessages } from '../../src/report/charts/labels.ts';

describe('placeLabels', () => {
  test('leaves labels that have room where they are', () => {
    const labels = [10, 50, 90].map((y) => ({ y, height: 16 }));
    expect(placeLabels(labels, 0, 100)).toEqual([10, 50, 90]);
  });

  test('spreads labels of one place around it', () => {
    const labels = [50, 50, 50].map((y) => ({ y, height: 10 }));
    expect(placeLabels(labels, 0, 100)).toEqual([40, 50, 60]);
  });

  test('keeps labels inside when their subjects are at the edge', () => {
    expect(placeLabels([{ y: 0, height: 20 }], 0, 100)).toEqual([10]);
    expect(placeLabels([{ y: 100, height: 20 }], 0, 100)).toEqual([90]);
  });

  test('never puts one label over another, and keeps their order', () => {
    const label = fc.record({
      y: fc.double({ min: -50, max: 550, noNaN: true }),
      height: fc.double({ min: 1, max: 40, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 12 }), (labels) => {
        const places = placeLabels(labels, 0, 500);
        const drawn = labels
          .map(({ y, height }, index) => ({ y, height, middle: places[index] ?? Number.NaN }))
          .toSorted((a, b) => a.middle - b.middle);
        for (const [index, below] of drawn.entries()) {
          const above = drawn[index - 1];
          if (above === undefined) continue;
          expect(below.middle - below.height / 2).toBeGreaterThan(above.middle + above.height / 2 - 0.01);
          expect(below.y).toBeGreaterThanOrEqual(above.y);
        }
        const room = labels.reduce((sum, { height }) => sum + height, 0) <= 500;
        if (!room) return;
        expect(Math.min(...drawn.map(({ middle, height }) => middle - height / 2))).toBeGreaterThan(-0.01);
        expect(Math.max(...drawn.map(({ middle, height }) => middle + height / 2))).toBeLessThan(500.01);
      }),
    );
  });
});

describe('wrapMessages', () => {
  test.each([
    ['ServerHello, Certificate', 20, ['ServerHello', 'Certificate']],
    ['ServerHello (key share, PSK), Finished', 16, ['ServerHello', '(key share, PSK)', 'Finished']],
    ['CertificateVerify', 12, ['Certificate', 'Verify']],
    ['ClientHello (key share)', 40, ['ClientHello (key share)']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
  ])('%s in %i characters', (messages, characters, lines) => {
    expect(wrapMessages(messages, characters)).toEqual(lines);
  });
});
