import { messageOf, usageError } from '../../errors.ts';
import { decodeHistogram, type LatencyHistogram } from '../../measure/histogram.ts';
import type { CellResult, Distribution, Results } from '../../results/schema.ts';
import { enumeration, integer, ms, msText, NONE } from '../format.ts';
import { firstData, handshakeGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, type ModeStyle } from '../palette.ts';
import { columnsOf, NO_SAMPLES, type Table } from '../tables.ts';
import type { Chart, ChartKind } from './chart.ts';
import { drawPercentiles, type Line } from './percentile-panels.ts';

/** A percentile is drawn only with so many samples beyond it: fewer say little about where it is. */
export const SAMPLES_BEYOND = 10;
const STEPS_PER_DECADE = 60;

/** First data over its percentiles: x = 1 / (1 − p) on a log axis, so that each decade is one more nine. */
export const percentilesChart: ChartKind = {
  id: 'percentiles',
  of: (results) =>
    handshakeGroups(results)
      .filter((group) => group.cells.some((cell) => drawable(cell)))
      .map((group) => chartOf(group, results)),
};

function drawable(cell: CellResult): boolean {
  return (firstData(cell)?.count ?? 0) >= 2 * SAMPLES_BEYOND;
}

function chartOf(group: Group, results: Results): Chart {
  const styles = modeStyles(modesOf(results));
  const lines = group.cells.filter(drawable).flatMap((cell) => lineOf(cell, styles));
  const worst = lines.map(({ mode, maxMs }) => `${mode} ${msText(maxMs)}`);
  return {
    id: `percentiles-${group.id}`,
    title: `First data by percentile, ${group.label}`,
    caption: `From the client’s intended start to the broker’s first byte of CONNECT at ${groupWords(group)}, in milliseconds; measured, from the HDR histograms. A line ends where fewer than ${SAMPLES_BEYOND} samples lie beyond it; the ring is the slowest of all samples, and the dots lead the eye there. A millisecond is as high in one panel as in the others.`,
    alt: `Latency percentiles of first data, a line for each mode; the slowest samples: ${enumeration(worst)}.`,
    table: percentileTable(group),
    groupId: group.id,
    half: false,
    draw: (size) => drawPercentiles(lines, size),
  };
}

function lineOf(cell: CellResult, styles: Map<string, ModeStyle>): Line[] {
  const data = firstData(cell);
  const style = styles.get(cell.mode);
  if (data === undefined || style === undefined) return [];
  const histogram = histogramOf(cell, data);
  const end = data.count / SAMPLES_BEYOND;
  const steps = Math.ceil(Math.log10(end) * STEPS_PER_DECADE);
  const points = Array.from({ length: steps + 1 }, (_, step) => {
    const x = Math.min(end, 10 ** (step / STEPS_PER_DECADE));
    return { x, ms: histogram.getValueAtPercentile(100 * (1 - 1 / x)) / 1000 };
  });
  return [{ mode: cell.mode, style, count: data.count, maxMs: data.maxMs, points }];
}

function histogramOf({ id }: CellResult, { hdr }: Distribution): LatencyHistogram {
  try {
    return decodeHistogram(hdr);
  } catch (error) {
    throw usageError(
      `The histogram of first data of ${id} cannot be read: ${messageOf(error)}`,
      'The results file is damaged; run the scenario again.',
    );
  }
}

const PERCENTILES = [50, 90, 95, 99, 99.9, 99.99];

/** Percentiles that the samples support, and the slowest sample. */
function percentileTable(group: Group): Table {
  const most = Math.max(...group.cells.map((cell) => firstData(cell)?.count ?? 0));
  const shown = PERCENTILES.filter((percentile) => supported(percentile, most));
  return {
    columns: columnsOf(
      'mode',
      '#n',
      '#fastest ms',
      ...shown.map((percentile) => `#p${percentile} ms`),
      '#slowest ms',
    ),
    rows: group.cells.map((cell) => {
      const data = firstData(cell);
      if (data === undefined) return { cells: [cell.mode, '0', NO_SAMPLES, ...shown.map(() => NONE), NONE] };
      const values = shown.map((percentile) => percentileCell(cell, data, percentile));
      return { cells: [cell.mode, integer(data.count), ms(data.minMs), ...values, ms(data.maxMs)] };
    }),
  };
}

function supported(percentile: number, count: number): boolean {
  return count * (1 - percentile / 100) >= SAMPLES_BEYOND - 1e-6;
}

function percentileCell(cell: CellResult, data: Distribution, percentile: number): string {
  if (!supported(percentile, data.count)) return NONE;
  const raw = { 50: data.p50Ms, 90: data.p90Ms, 95: data.p95Ms, 99: data.p99Ms }[percentile];
  return ms(raw ?? histogramOf(cell, data).getValueAtPercentile(percentile) / 1000);
}
