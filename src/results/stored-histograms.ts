import { inflateSync } from 'node:zlib';
import { messageOf, usageError } from '../errors.ts';
import type { Results } from './schema.ts';

/** The first bytes of a compressed histogram, and of what is in it: HdrHistogram's V2 encoding, words of one byte. */
const COOKIES = { compressed: 0x1c849314, plain: 0x1c849313 };
/** Cookie and length, before what is compressed. */
const HEAD_BYTES = 8;

/**
 * Throws a usage error that names file, cell and distribution where a histogram of a results file is damaged. Decoding it
 * takes a hundred times as long as this, and most are never decoded: what is looked at is that it is whole, by the checksum
 * of its compression (RFC 1950).
 */
export function checkHistograms({ cells }: Results, file: string): void {
  for (const { id, ...figures } of cells) {
    for (const { path, hdr } of histogramsIn(figures, [])) {
      const problem = problemOf(hdr);
      if (problem === undefined) continue;
      throw usageError(
        `${file} has a damaged histogram (\`hdr\`) in ${id}, ${path}: ${problem}`,
        'Get the file back from where it is kept, or run the scenario again.',
      );
    }
  }
}

function* histogramsIn(value: unknown, path: readonly string[]): Generator<{ path: string; hdr: string }> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    if (key === 'hdr' && typeof one === 'string') yield { path: path.join(' '), hdr: one };
    else yield* histogramsIn(one, [...path, key]);
  }
}

function problemOf(hdr: string): string | undefined {
  const bytes = Buffer.from(hdr, 'base64');
  // What is no base64, Buffer leaves out.
  if (bytes.toString('base64') !== hdr.trim()) return 'it is not base64';
  try {
    if (bytes.readUInt32BE(0) !== COOKIES.compressed) return 'it is no HdrHistogram V2';
    const content = inflateSync(bytes.subarray(HEAD_BYTES, HEAD_BYTES + bytes.readUInt32BE(4)));
    return content.readUInt32BE(0) === COOKIES.plain ? undefined : 'it is no HdrHistogram V2';
  } catch (error) {
    return messageOf(error);
  }
}
