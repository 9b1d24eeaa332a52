import type { CellResult, Distribution } from '../../results/schema.ts';
import { counted } from '../../words.ts';
import { enumeration, integer, ms, msText, NONE } from '../format.ts';
import { whereOf, type Group } from '../groups.ts';
import { modeName } from '../mode-name.ts';
import { columnsOf, NO_SAMPLES, type Table } from '../tables.ts';
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
      const why = Object.entries(reasons).map(([reason, count]) => `${reason} ${integer(count)}`);
      return {
        cells: [
          mode,
          ...[clients, back, lost, resumed].map(integer),
          ms(noticed?.p50Ms),
          ...figures(returned),
          ...figures(reconnecting),
          why.length === 0 ? NONE : why.join(', '),
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
  const ways = HOW.flatMap((how) => {
    const own = returnsOf(cells, 'reconnecting').filter((each) => each.how === how);
    const medians = own.map(({ mode, times }) => `${msText(times.p50Ms)} with ${mode}`);
    return medians.length === 0 ? [] : [`${how}: ${enumeration(medians)}`];
  });
  return [
    `${where} ${fate}; the slowest took ${msText(Math.max(...failovers.map(({ returned }) => returned?.maxMs ?? 0)))}.`,
    ...(ways.length === 0
      ? []
      : [`The median client was back so long after it had noticed, ${ways.join('; ')}.`]),
    `The routes led over the other path ${msText(Math.max(...changed))} after the failure at the latest; what a client takes beyond that is its keep-alive’s.`,
  ];
}

/** How clients came back, in the order in which that is told. */
export const HOW = ['without TLS', 'in full', 'resumed'] as const;

/** Times of clients that came back, by the way in which those of their mode did. */
export function returnsOf(
  cells: readonly CellResult[],
  what: 'returned' | 'reconnecting',
): { mode: string; how: (typeof HOW)[number]; times: Distribution }[] {
  return cells.flatMap(({ mode, failover }) => {
    const times = failover?.[what];
    if (failover === undefined || times === undefined || times.count === 0) return [];
    const isPlain = modeName(mode).family === 'plain';
    return [{ mode, how: isPlain ? 'without TLS' : failover.resumed > 0 ? 'resumed' : 'in full', times }];
  });
}
