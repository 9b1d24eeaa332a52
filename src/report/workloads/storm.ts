import { isGeneratorBusy } from '../../results/generator.ts';
import type { CellResult, Storm } from '../../results/schema.ts';
import { counted } from '../../words.ts';
import { enumeration, fixed, integer, ms, msText, NONE, reasonsText } from '../format.ts';
import { whereOf, type Group } from '../groups.ts';
import { columnsOf, NO_SAMPLES, type Table } from '../tables.ts';
import { WAYS, wayTimes, type WayTimes } from '../ways.ts';
import type { FleetReport } from './fleet-report.ts';

export const stormReport: FleetReport = {
  kind: 'storm',
  id: 'storm',
  heading: 'The storm',
  chart: 'storm',
  words:
    'All connected: from the beginning of the storm until the last good client held CONNACK. p50 to slowest: from a client’s intended start to CONNACK; service: from its real start; measured, of good clients. Connects a second: good clients over the time to all connected. Late: starts more than 10 ms after their intended time. Overflows: of listen queues in the broker’s network namespace. Clients’ CPU: of the busiest client process, of one core, until the last CONNACK; the broker’s: of all its processes, until everyone was settled.',
  table: stormTable,
  wideColumns: [
    'attempts',
    'connects/s',
    'p95 ms',
    'p99 ms',
    'service p50 ms',
    'late starts',
    'overflows',
    'clients’ CPU',
    'broker’s CPU',
  ],
  sentences,
};

/** What the storm made of the clients of each mode. */
export function stormTable(group: Group): Table {
  return {
    columns: columnsOf(
      'mode',
      '#clients',
      '#connected',
      '#resumed',
      '#attempts',
      '#all connected ms',
      '#connects/s',
      '#p50 ms',
      '#p95 ms',
      '#p99 ms',
      '#slowest ms',
      '#service p50 ms',
      '#late starts',
      '#overflows',
      '#clients’ CPU',
      '#broker’s CPU',
      'why not',
    ),
    rows: group.cells.map(({ mode, storm }) => {
      if (storm === undefined)
        return { cells: [mode, NO_SAMPLES, ...Array.from({ length: 15 }, () => NONE)] };
      const { clients, connected, resumed, attempts, connecting, service, generator, brokerLoad } = storm;
      return {
        cells: [
          mode,
          ...[clients, connected, resumed, attempts].map(integer),
          ms(storm.lastConnackMs),
          fixed(storm.connectsPerSecond, 0),
          ...[connecting?.p50Ms, connecting?.p95Ms, connecting?.p99Ms, connecting?.maxMs].map(ms),
          ms(service?.p50Ms),
          integer(storm.lateStarts),
          integer(storm.listenOverflows),
          ofCore(generator.cpuShare),
          brokerLoad === undefined ? NONE : ofCore(brokerLoad.cpuShare),
          reasonsText(storm.reasons),
        ],
      };
    }),
  };
}

/** A share of a core, in whole percent. */
function ofCore(share: number): string {
  return `${fixed(share * 100, 0)} %`;
}

/** What became of a group's clients. */
function sentences(group: Group): string[] {
  const { cells } = group;
  const where = `${whereOf(group)},`;
  const storms = cells.flatMap(({ mode, storm, samples }) =>
    storm === undefined ? [] : [{ ...storm, mode, lost: samples.failed + samples.excluded }],
  );
  const [first] = storms;
  if (first === undefined) return [`${where} no storm came, so these results hold no answer.`];
  const ends = storms.flatMap(({ mode, lastConnackMs }) =>
    lastConnackMs === undefined ? [] : [`${msText(lastConnackMs)} with ${mode}`],
  );
  const lossy = storms.filter(({ lost }) => lost > 0);
  const fate =
    lossy.length === 0
      ? `nobody was lost`
      : enumeration(
          lossy.map(({ mode, lost, clients }) => `${mode} lost ${lost} of ${counted(clients, 'client')}`),
        );
  return [
    ends.length === 0
      ? `${where} nobody was connected.`
      : `${where} the last of ${counted(first.clients, 'client')} ${comingOf(first)} held CONNACK after ${enumeration(ends)}; ${fate}.`,
    ...medians(cells),
    ...restarts(storms),
    ...limits(storms),
  ];
}

/** How the clients of a storm came, in words. */
export function comingOf({ arrivals, askedPerSecond, after }: Storm): string {
  const pace = arrivals === 'at-once' ? 'at once' : `at ${integer(askedPerSecond)} a second`;
  return `that came ${pace}${after === 'restart' ? ' after a restart of their broker' : ''}`;
}

function medians(cells: readonly CellResult[]): string[] {
  const ways = WAYS.flatMap((way) => {
    const own = connectsOf(cells).filter((each) => each.way === way);
    const texts = own.map(({ mode, times }) => `${msText(times.p50Ms)} with ${mode}`);
    return texts.length === 0 ? [] : [`${way}: ${enumeration(texts)}`];
  });
  return ways.length === 0
    ? []
    : [`The median client held CONNACK so long after its intended start, ${ways.join('; ')}.`];
}

function restarts(storms: readonly (Storm & { mode: string })[]): string[] {
  const downs = storms.flatMap(({ restart }) => restart?.downMs ?? []);
  if (downs.length === 0) return [];
  const resuming = storms.filter(({ resumed }) => resumed > 0);
  const sessions =
    resuming.length === 0
      ? 'no session of before was resumed'
      : `sessions of before were resumed with ${enumeration(resuming.map(({ mode }) => mode))}`;
  return [`Nobody listened for up to ${msText(Math.max(...downs))}; ${sessions}.`];
}

/** Where the clients' own process was the queue. */
function limits(storms: readonly (Storm & { mode: string })[]): string[] {
  const busy = storms.filter(({ generator }) => isGeneratorBusy(generator));
  if (busy.length === 0) return [];
  const texts = busy.map(
    ({ mode, generator: { cpuShare, loopDelayP99Ms } }) =>
      `${mode} (${ofCore(cpuShare)} of a core, up to ${fixed(loopDelayP99Ms, 0)} ms late)`,
  );
  return [
    `A client process could do no more with ${enumeration(texts)}: there it is the generator’s limit as much as the broker’s.`,
  ];
}

/** Times of clients that were connected, by the way in which those of their mode were. */
export function connectsOf(cells: readonly CellResult[]): WayTimes[] {
  return cells.flatMap(({ mode, storm }) => wayTimes(mode, storm?.resumed ?? 0, storm?.connecting));
}
