import * as hdr from 'hdr-histogram-js';

/** Histograms record integer microseconds from 1 µs to 1 hour with 3 significant digits. */
const OPTIONS: hdr.BuildRequest = {
  bitBucketSize: 32,
  lowestDiscernibleValue: 1,
  highestTrackableValue: 3_600_000_000,
  numberOfSignificantValueDigits: 3,
  autoResize: false,
  // JS and WebAssembly histograms do not add to each other; one kind everywhere.
  useWebAssembly: false,
};

export type LatencyHistogram = hdr.Histogram;

/** An empty latency histogram in integer microseconds. */
export function newHistogram(): LatencyHistogram {
  return hdr.build(OPTIONS);
}

/** Records a duration in milliseconds. Throws a RangeError for NaN, negative values and more than one hour. */
export function recordMs(histogram: LatencyHistogram, ms: number): void {
  // The library records NaN as 0 without a word, so it is refused here.
  if (!(ms >= 0 && ms <= 3_600_000)) throw new RangeError(`Expected 0 to 3,600,000 ms, got ${ms}`);
  histogram.recordValue(Math.max(1, Math.round(ms * 1000)));
}

/** The HdrHistogram V2 compressed form, base64, that other HDR tools read; unit: microseconds. */
export function encodeHistogram(histogram: LatencyHistogram): string {
  return hdr.encodeIntoCompressedBase64(histogram);
}

/** Reads what {@link encodeHistogram} wrote. Throws when the text is not a V2 histogram. */
export function decodeHistogram(base64: string): LatencyHistogram {
  return hdr.decodeFromCompressedBase64(base64, 32, false);
}

/** Adds histograms up; percentiles must never be averaged. */
export function mergeHistograms(parts: Iterable<LatencyHistogram>): LatencyHistogram {
  const sum = newHistogram();
  for (const part of parts) sum.add(part);
  return sum;
}
