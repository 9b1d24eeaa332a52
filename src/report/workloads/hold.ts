import { isGeneratorBusy } from '../../results/generator.ts';
import type { CellResult, Hold } from '../../results/schema.ts';
import { counted } from '../../words.ts';
import { enumeration, fixed, integer, ms, NONE, reasonsText } from '../format.ts';
import { whereOf, type Group } from '../groups.ts';
import { columnsOf, NO_SAMPLES, type Table } from '../tables.ts';
import type { FleetReport } from './fleet-report.ts';

export const holdReport: FleetReport = {
  kind: 'hold',
  id: 'hold',
  heading: 'Idle clients',
  chart: 'hold',
  words:
    'KiB of a client: resident memory of the client processes, and of the broker’s, with all clients connected less that before the first one, over the clients; garbage was collected before, where a runtime can be told to. CPU: microseconds a second that a held client costs beyond what the processes take at rest. Pings: PINGREQs that were due while the clients were held, those that left more than 10 ms late, and the time to PINGRESP; measured.',
  table: holdTable,
  wideColumns: ['resumed', 'pings late', 'answered', 'connecting p50 ms', 'late starts', 'ping p99 ms'],
  sentences,
};

/** What holding the clients of each mode took. */
export function holdTable(group: Group): Table {
  return {
    columns: columnsOf(
      'mode',
      '#clients',
      '#held',
      '#resumed',
      '#KiB a client',
      '#at the broker',
      '#CPU µs/s a client',
      '#CPU at the broker',
      '#pings due',
      '#pings late',
      '#answered',
      '#ping p50 ms',
      '#ping p99 ms',
      '#connecting p50 ms',
      '#late starts',
      'why not',
    ),
    rows: group.cells.map(({ mode, hold }) => {
      if (hold === undefined) return { cells: [mode, NO_SAMPLES, ...Array.from({ length: 14 }, () => NONE)] };
      const { perClient, pings, roundTrip, connecting } = hold;
      return {
        cells: [
          mode,
          ...[hold.clients, hold.held, hold.resumed].map(integer),
          kibibytes(perClient.clientBytes),
          kibibytes(perClient.brokerBytes),
          fixed(perClient.clientCpuUsPerSecond, 1),
          fixed(perClient.brokerCpuUsPerSecond, 1),
          ...[pings.due, pings.late, pings.answered].map(integer),
          ...[roundTrip?.p50Ms, roundTrip?.p99Ms, connecting?.p50Ms].map(ms),
          integer(hold.lateStarts),
          reasonsText(hold.reasons),
        ],
      };
    }),
  };
}

/** Bytes in KiB, without the unit. */
export function kibibytes(bytes: number | undefined): string {
  return fixed(bytes === undefined ? undefined : bytes / 1024, 1);
}

/** Cells whose clients were held. */
export function holdsOf(cells: readonly CellResult[]): (Hold & { mode: string })[] {
  return cells.flatMap(({ mode, hold }) =>
    hold === undefined || hold.connected === 0 ? [] : [{ mode, ...hold }],
  );
}

/** What a group's clients took, and what became of them. */
function sentences(group: Group): string[] {
  const where = `${whereOf(group)},`;
  const holds = holdsOf(group.cells);
  const [first] = holds;
  if (first === undefined) return [`${where} no client was held, so these results hold no answer.`];
  const memory = holds.map(({ mode, perClient }) => {
    const broker = perClient.brokerBytes;
    const there = broker === undefined ? '' : ` and ${kibibytes(broker)} at the broker`;
    return `${kibibytes(perClient.clientBytes)} KiB${there} with ${mode}`;
  });
  const lossy = holds.filter(({ held, clients }) => held < clients);
  const fate =
    lossy.length === 0
      ? `all ${counted(first.clients, 'client')} of each mode were there at the end of ${fixed(first.seconds, 0)} s`
      : enumeration(
          lossy.map(
            ({ mode, held, clients }) =>
              `${mode} had lost ${clients - held} of ${counted(clients, 'client')}`,
          ),
        );
  const cpu = holds.map(({ mode, perClient }) => {
    const broker = perClient.brokerCpuUsPerSecond;
    const there = broker === undefined ? '' : ` and ${fixed(broker, 1)}`;
    return `${fixed(perClient.clientCpuUsPerSecond, 1)}${there} with ${mode}`;
  });
  return [
    `${where} an idle client takes ${enumeration(memory)}; ${fate}.`,
    `With a keep-alive of ${fixed(first.keepAliveSeconds, 0)} s it costs the clients’ end and the broker’s so many microseconds of CPU a second: ${enumeration(cpu)}.`,
    ...limits(holds),
  ];
}

/** Where the clients' own process was the queue while they connected, or while they were held. */
function limits(holds: readonly (Hold & { mode: string })[]): string[] {
  const busy = (when: string, load: (hold: Hold) => Hold['generator'] | undefined): string[] => {
    const modes = holds.flatMap((hold) => {
      const own = load(hold);
      return own !== undefined && isGeneratorBusy(own) ? [hold.mode] : [];
    });
    return modes.length === 0
      ? []
      : [
          `While they ${when} a client process could do no more with ${enumeration(modes)}: times of then are the generator’s as much as the broker’s.`,
        ];
  };
  return [
    ...busy('connected', ({ connectingGenerator }) => connectingGenerator),
    ...busy('were held', ({ generator }) => generator),
  ];
}
