import type { Results } from '../../results/schema.ts';
import type { Chart, ChartKind } from './chart.ts';
import { brokersChart } from './brokers.ts';
import { bytesChart } from './bytes.ts';
import { certificatesChart } from './certificates.ts';
import { costPartsChart } from './cost-parts.ts';
import { failoverChart } from './failover.ts';
import { firstDataChart } from './first-data.ts';
import { holdChart } from './hold.ts';
import { ladderChart } from './ladder.ts';
import { percentilesChart } from './percentiles.ts';
import { protectionChart } from './protection.ts';
import { slopesChart } from './slopes.ts';
import { stormChart } from './storm.ts';
import { throughputChart } from './throughput.ts';
import { timeSequenceChart } from './time-sequence.ts';
import { wakeChart } from './wake.ts';

/** Every kind of chart, in the order in which a report shows them. A new one is a file and a line here. */
export const CHARTS: readonly ChartKind[] = [
  brokersChart,
  timeSequenceChart,
  firstDataChart,
  costPartsChart,
  percentilesChart,
  ladderChart,
  bytesChart,
  certificatesChart,
  protectionChart,
  throughputChart,
  failoverChart,
  wakeChart,
  stormChart,
  holdChart,
  slopesChart,
];

/** A chart with its kind's id. */
export type KindedChart = Chart & { kind: string };

/** All charts of these results, each with an id of its own. */
export function chartsOf(results: Results): KindedChart[] {
  const taken = new Set<string>();
  return CHARTS.flatMap((kind) =>
    kind.of(results).map((chart) => {
      // Two modes whose names differ in punctuation alone must not write one file.
      let { id } = chart;
      for (let number = 2; taken.has(id); number++) id = `${chart.id}-${number}`;
      taken.add(id);
      return { ...chart, id, kind: kind.id };
    }),
  );
}
