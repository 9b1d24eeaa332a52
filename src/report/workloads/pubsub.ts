import type { Distribution } from '../../results/schema.ts';
import { counted } from '../../words.ts';
import { enumeration, fixed, integer, ms, msText, NONE } from '../format.ts';
import { whereOf, type Group } from '../groups.ts';
import { protectionOf } from '../protection.ts';
import { columnsOf, NO_SAMPLES, type Table } from '../tables.ts';
import type { FleetReport } from './fleet-report.ts';

export const pubsubReport: FleetReport = {
  kind: 'pubsub',
  id: 'load',
  heading: 'Under load',
  chart: 'throughput',
  words:
    'Messages asked for, sent and received; milliseconds from a message’s intended time to its subscriber, measured.',
  table: loadTable,
  wideColumns: ['sent', 'received'],
  sentences,
};

/** What was asked of each load and what came of it. */
function loadTable(group: Group): Table {
  const isProtected = group.cells.some(({ throughput }) => throughput?.protection !== undefined);
  const ifProtected = (...cells: string[]): string[] => (isProtected ? cells : []);
  const columns = columnsOf(
    'mode',
    ...ifProtected('protection', '#bytes added'),
    '#asked msg/s',
    '#sent msg/s',
    '#received msg/s',
    '#sent',
    '#received',
    '#lost',
    ...ifProtected('#refused'),
    '#late sends',
    '#p50 ms',
    '#p95 ms',
    '#p99 ms',
    '#slowest ms',
  );
  return {
    columns,
    rows: group.cells.map((cell) => {
      const { mode, throughput: load } = cell;
      const first = [mode, ...ifProtected(protectionOf(cell), integer(load?.protection?.addedBytes ?? 0))];
      if (load === undefined) {
        const none = Array.from({ length: columns.length - first.length - 1 }, () => NONE);
        return { cells: [...first, NO_SAMPLES, ...none] };
      }
      const latency = load.endToEnd?.count === 0 ? undefined : load.endToEnd;
      const rates = [load.askedPerSecond, load.sentPerSecond, load.receivedPerSecond].map((rate) =>
        fixed(rate, 1),
      );
      const counts = [load.sent, load.received, load.lost].map(integer);
      const refused = ifProtected(integer(load.protection?.falseAlarms ?? 0));
      const times = [latency?.p50Ms, latency?.p95Ms, latency?.p99Ms, latency?.maxMs].map(ms);
      return { cells: [...first, ...rates, ...counts, ...refused, integer(load.lateSends), ...times] };
    }),
  };
}

function sentences(group: Group): string[] {
  const loads = group.cells.flatMap(({ mode, throughput }) =>
    throughput === undefined ? [] : [{ mode, ...throughput }],
  );
  const where = whereOf(group);
  if (loads.length === 0) return [`${where} no message of the load was counted.`];
  const lossy = loads.filter(({ lost }) => lost > 0);
  const fate =
    lossy.length === 0
      ? 'every message reached every subscriber'
      : enumeration(lossy.map(({ mode, lost }) => `${mode} lost ${counted(lost, 'delivery', 'deliveries')}`));
  const latencies = loads
    .flatMap(({ mode, endToEnd }) =>
      endToEnd === undefined || endToEnd.count === 0 ? [] : [{ mode, endToEnd }],
    )
    .toSorted((a, b) => a.endToEnd.p50Ms - b.endToEnd.p50Ms);
  const asked = fixed(Math.max(...loads.map(({ askedPerSecond }) => askedPerSecond)), 0);
  return [
    `${where}, with ${asked} messages a second asked for, ${fate}${spread(latencies)}.`,
    ...deliveries(latencies),
  ];
}

interface Latency {
  mode: string;
  endToEnd: Distribution;
}

function spread(latencies: readonly Latency[]): string {
  const [least, most] = [latencies[0], latencies.at(-1)];
  if (least === undefined || most === undefined) return '';
  const say = ({ mode, endToEnd }: Latency): string => `${msText(endToEnd.p50Ms)} (${mode})`;
  const range = least === most ? say(least) : `${say(least)} to ${say(most)}`;
  return `; the median message took ${range} from its intended time to its subscriber`;
}

function deliveries(latencies: readonly Latency[]): string[] {
  const counts = latencies.map(({ endToEnd }) => endToEnd.count);
  if (counts.length === 0) return [];
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const range =
    least === most
      ? counted(most, 'delivery', 'deliveries')
      : `${integer(least)} to ${integer(most)} deliveries`;
  return [`Medians of ${range}${counts.length > 1 ? ' a mode' : ''}, measured.`];
}
