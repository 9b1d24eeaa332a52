import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { usageError } from '../errors.ts';
import { payloadHtml, payloadSvg } from '../report/micro-payload.ts';
import type { OperationCost, PayloadReport } from '../micro/payload.ts';
import type { PayloadRatesReport } from '../report/charts/micro-payload.ts';
import { fixed, integer } from '../report/format.ts';
import { columns } from './output.ts';
import { cannotWrite, checkWritable } from './writable.ts';

const TITLES = ['method', 'payload', 'added', 'protect/s', '95 % interval', 'p50 µs', 'p99'];
const OPEN_TITLES = ['open/s', '95 % interval', 'p50 µs', 'p99', 'n'];

/** The table of `micro payload`. */
export function payloadTable({ payloads, rounds, warmupRounds }: PayloadReport): string {
  return [
    columns(
      [...TITLES, ...OPEN_TITLES],
      payloads.map(({ method, payloadBytes, addedBytes, protect, open }) => [
        method,
        integer(payloadBytes),
        integer(addedBytes),
        ...cells(protect),
        ...cells(open),
        rounds,
      ]),
      ['left', ...[...TITLES.slice(1), ...OPEN_TITLES].map(() => 'right' as const)],
    ),
    '',
    'payload, added: bytes. /s: operations that one core does, by CPU time: medians of batches. p50 and p99 are of single',
    'operations by the wall clock; p99 where 1,000 or more were timed. One thread, warm caches, parsed keys; opening has the',
    `guard against replay in it. ${integer(rounds)} rounds of a batch of each, shuffled, after ${integer(warmupRounds)} to warm up, which are left out.`,
  ].join('\n');
}

function cells({ perSecond, lowPerSecond, highPerSecond, p50Us, p99Us }: OperationCost): string[] {
  return [
    integer(perSecond),
    `${integer(lowPerSecond)} – ${integer(highPerSecond)}`,
    fixed(p50Us, 1),
    fixed(p99Us, 1),
  ];
}

/**
 * What draws a report to a file, by how its name ends, and answers the file. Throws a BenchError for another ending, or
 * for a folder that nothing can be written to.
 */
export function pictureAt(file: string): (report: PayloadRatesReport) => Promise<string> {
  const draw = { '.svg': payloadSvg, '.html': payloadHtml }[extname(file)];
  if (draw === undefined)
    throw usageError(`--chart ${file}: expected a file that ends in .svg or .html, by which it is drawn`);
  checkWritable(file, '--chart');
  return async (report) => {
    await writeFile(file, await draw(report)).catch((error: unknown) => {
      throw cannotWrite(file, '--chart', error);
    });
    return file;
  };
}
