import type { CellResult, Distribution } from '../../results/schema.ts';
import { counted } from '../../words.ts';
import { enumeration, integer, ms, msText, NONE, reasonsText } from '../format.ts';
import { whereOf, type Group } from '../groups.ts';
import { columnsOf, NO_SAMPLES, type Table } from '../tables.ts';
import { WAYS, wayTimes, type WayTimes } from '../ways.ts';
import type { FleetReport } from './fleet-report.ts';

export const failoverReport: FleetReport = {
  kind: 'failover',
  id: 'failover',
  heading: 'After a failure',
  chart: 'failover',
  words:
    'Noticed, back: from the failure until a client took its connection for dead, and until the broker had acknowledged its message of QoS 1 over a new one. Reconnecting: from noticing to that acknowledgement. Resumed: clients that came back by resuming the TLS session of their own connection. Lost: not back in the workload’s time.',
  table: failoverTable,
  wideColumns: ['clients', 'reconnecting p95 ms', 'back slowest ms', 'reconnecting slowest ms'],
  sentences,
};

/** What a failure made of the clients of each mode. */
export function failoverTable(group: Group): Table {
  return {
    columns: columnsOf(
      'mode',
      '#clients',
      '#back',
      '#lost',
      '#resumed',
      '#noticed p50 ms',
      '#back p50 ms',
      '#back p95 ms',
      '#back slowest ms',
      '#reconnecting p50 ms',
      '#reconnecting p95 ms',
      '#reconnecting slowest ms',
      'why lost',
    ),
    rows: group.cells.map(({ mode, failover }) => {
      if (failover === undefined)
        return { cells: [mode, NO_SAMPLES, ...Array.from({ length: 11 }, () => NONE)] };
      const { clients, back, lost, resumed, noticed, returned, reconnecting, reasons } = failover;
      return {
        cells: [
          mode,
          ...[clients, back, lost, resumed].map(integer),
          ms(noticed?.p50Ms),
          ...figures(returned),
          ...figures(reconnecting),
          reasonsText(reasons),
        ],
      };
    }),
  };
}

function figures(distribution: Distribution | undefined): string[] {
  return [distribution?.p50Ms, distribution?.p95Ms, distribution?.maxMs].map(ms);
}

/** What became of a group's clients. */
function sentences(group: Group): string[] {
  const { cells } = group;
  const where = `${whereOf(group)},`;
  const failovers = cells.flatMap(({ mode, failover }) =>
    failover === undefined ? [] : [{ mode, ...failover }],
  );
  if (failovers.length === 0) return [`${where} no path failed, so these results hold no answer.`];
  const clients = failovers.reduce((sum, each) => sum + each.clients, 0);
  const lossy = failovers.filter(({ lost }) => lost > 0);
  const fate =
    lossy.length === 0
      ? `all ${counted(clients, 'client')} came back after the failure`
      : enumeration(
          lossy.map(({ mode, lost, clients }) => `${mode} lost ${lost} of ${counted(clients, 'client')}`),
        );
  const changed = failovers.map(({ failedAtMs, changedOverAtMs }) => changedOverAtMs - failedAtMs);
  const ways = WAYS.flatMap((way) => {
    const own = returnsOf(cells, 'reconnecting').filter((each) => each.way === way);
    const medians = own.map(({ mode, times }) => `${msText(times.p50Ms)} with ${mode}`);
    return medians.length === 0 ? [] : [`${way}: ${enumeration(medians)}`];
  });
  return [
    `${where} ${fate}; the slowest took ${msText(Math.max(...failovers.map(({ returned }) => returned?.maxMs ?? 0)))}.`,
    ...(ways.length === 0
      ? []
      : [`The median client was back so long after it had noticed, ${ways.join('; ')}.`]),
    `The routes led over the other path ${msText(Math.max(...changed))} after the failure at the latest; what a client takes beyond that is its keep-alive’s.`,
  ];
}

/** Times of clients that came back, by the way in which those of their mode did. */
export function returnsOf(cells: readonly CellResult[], what: 'returned' | 'reconnecting'): WayTimes[] {
  return cells.flatMap(({ mode, failover }) => wayTimes(mode, failover?.resumed ?? 0, failover?.[what]));
}
