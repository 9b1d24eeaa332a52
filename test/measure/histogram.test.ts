import * as fc from 'fast-check';
import * as hdr from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import {
  decodeHistogram,
  encodeHistogram,
  mergeHistograms,
  newHistogram,
  recordMs,
  type LatencyHistogram,
} from '../../src/measure/histogram.ts';

const HOUR_MS = 3_600_000;
const durations = fc.array(fc.double({ min: 0, max: HOUR_MS, noNaN: true }), { maxLength: 200 });

function histogramOf(valuesMs: readonly number[]): LatencyHistogram {
  const histogram = newHistogram();
  for (const value of valuesMs) recordMs(histogram, value);
  return histogram;
}

/** Every bucket with its count. A histogram that was encoded knows its maximum to the bucket only. */
function contentOf(histogram: LatencyHistogram): string {
  return histogram.outputPercentileDistribution().replace(/^#\[Max.*?,/m, '');
}

describe('encodeHistogram', () => {
  it('writes the V2 compressed form that other HDR tools read', () => {
    const text = encodeHistogram(histogramOf([1, 2, 3]));
    // The cookie of the V2 compressed encoding, big-endian, as in every .hlog file.
    expect(Buffer.from(text, 'base64').readUInt32BE(0)).toBe(0x1c_84_93_14);
    const read = hdr.decodeFromCompressedBase64(text);
    expect(read.totalCount).toBe(3);
    expect(read.numberOfSignificantValueDigits).toBe(3);
    expect(read.getValueAtPercentile(100)).toBeCloseTo(3000, -1);
  });

  it('loses nothing on the way there and back', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const histogram = histogramOf(values);
        const read = decodeHistogram(encodeHistogram(histogram));
        expect(read.totalCount).toBe(values.length);
        expect(contentOf(read)).toBe(contentOf(histogram));
      }),
      { numRuns: 30 },
    );
  });

  it('is refused by the reader when it was cut or is something else', () => {
    const text = encodeHistogram(histogramOf([1, 2, 3]));
    expect(() => decodeHistogram(text.slice(0, 20))).toThrow(/unexpected end|end of file/i);
    expect(() => decodeHistogram('bm90IGEgaGlzdG9ncmFt')).toThrow(/only V2 is supported/);
    expect(() => decodeHistogram('')).toThrow(/only V2 is supported/);
  });
});

describe('mergeHistograms', () => {
  it('equals recording into one, also after a way through text', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 5 }), (parts) => {
        const merged = mergeHistograms(
          parts.map((values) => decodeHistogram(encodeHistogram(histogramOf(values)))),
        );
        const single = histogramOf(parts.flat());
        expect(merged.totalCount).toBe(single.totalCount);
        expect(contentOf(merged)).toBe(contentOf(single));
      }),
      { numRuns: 30 },
    );
  });
});

describe('recordMs', () => {
  it('keeps three significant digits, from a microsecond to an hour', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: HOUR_MS, noNaN: true }), (ms) => {
        const us = histogramOf([ms]).getValueAtPercentile(50);
        expect(Math.abs(us - ms * 1000)).toBeLessThanOrEqual(Math.max(0.5, ms));
      }),
    );
    expect(histogramOf([0]).getValueAtPercentile(50)).toBe(1);
  });

  it.each([Number.NaN, -0.001, -1, HOUR_MS + 1, Infinity, -Infinity])('refuses %d', (ms) => {
    const histogram = newHistogram();
    expect(() => recordMs(histogram, ms)).toThrow(RangeError);
    expect(histogram.totalCount).toBe(0);
  });
});
