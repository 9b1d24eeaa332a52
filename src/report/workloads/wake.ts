import type { Milestone } from '../../measure/milestones.ts';
import type { CellResult } from '../../results/schema.ts';
import type { Wake } from '../../results/wake-schema.ts';
import { counted } from '../../words.ts';
import { enumeration, fixed, integer, ms, msText, NONE } from '../format.ts';
import { distributionOf, whereOf, type Group } from '../groups.ts';
import { columnsOf, NO_SAMPLES, type Table } from '../tables.ts';
import { inferredFigure, tripsFigure } from '../trips.ts';
import type { FleetReport } from './fleet-report.ts';

/** Where the time awake ends. */
export const ASLEEP = 'disconnected' satisfies Milestone;

export const wakeReport: FleetReport = {
  kind: 'wake',
  id: 'wake',
  heading: 'Waking up',
  chart: 'wake',
  words:
    'Awake: from waking, the intended start, until the socket is closed, measured: DISCONNECT and FIN sent, and the broker’s end read. Trips: one-way trips until then in theory, beside those that the time amounts to. Bytes and packets: all IP packets that left each end, with the headers of TCP and IP, as the link saw them (where it sees none, bytes of TLS and MQTT alone). mJ: the radio’s energy for one wake-up, its tail included, modelled from the median time awake and bytes. Stay up to: messages further apart than that take less energy when each is sent over a connection of its own than over one that stands and is kept alive by pings, modelled.',
  table: wakeTable,
  wideColumns: ['predicted ms', 'packets up', 'packets down', 'from real start p50 ms', 'n/attempted'],
  sentences,
};

/** A row for each mode: time awake, trips, bytes, and energy by radio. */
export function wakeTable(group: Group): Table {
  const radios = radiosOf(group);
  const stays = staysOf(group);
  return {
    columns: columnsOf(
      'mode',
      '#trips',
      '#inferred trips',
      '#predicted ms',
      '#awake p50 ms',
      '#awake p95 ms',
      '#from real start p50 ms',
      '#bytes up',
      '#bytes down',
      '#packets up',
      '#packets down',
      ...radios.map((radio) => `#mJ ${radio}`),
      ...stays.map(({ radio, keepAliveSeconds }) => `#stay up to s, ${radio}, ping ${keepAliveSeconds} s`),
      '#n/attempted',
    ),
    rows: group.cells.map((cell) => {
      const { mode, wake, trips, samples } = cell;
      const awake = distributionOf(cell, ASLEEP);
      const own = trips[ASLEEP];
      return {
        cells: [
          mode,
          tripsFigure(own),
          inferredFigure(own),
          ms(own?.predictedMs),
          awake === undefined ? NO_SAMPLES : ms(awake.p50Ms),
          ms(awake?.p95Ms),
          ms(cell.service[ASLEEP]?.p50Ms),
          integer(wake?.bytes?.up),
          integer(wake?.bytes?.down),
          integer(wake?.bytes?.packetsUp),
          integer(wake?.bytes?.packetsDown),
          ...radios.map((radio) => millijoulesText(energyOf(wake, radio)?.perWakeMillijoules)),
          ...stays.map((stay) => everyText(breakEvenOf(wake, stay))),
          `${integer(awake?.count ?? 0)} / ${integer(samples.attempted)}`,
        ],
      };
    }),
  };
}

function everyText(found: Wake['breakEven'][number] | undefined): string {
  if (found === undefined) return NONE;
  return found.everySeconds === undefined ? 'always' : integer(found.everySeconds);
}

export function millijoulesText(value: number | undefined): string {
  return fixed(value, value !== undefined && value < 10 ? 2 : 0);
}

/** The names of the radios that a group's energy is modelled for. */
export function radiosOf({ cells }: Group): string[] {
  return [...new Set(cells.flatMap(({ wake }) => (wake?.energy ?? []).map(({ radio }) => radio.name)))];
}

export function energyOf(wake: Wake | undefined, radio: string): Wake['energy'][number] | undefined {
  return wake?.energy.find((energy) => energy.radio.name === radio);
}

type Stay = Pick<Wake['breakEven'][number], 'radio' | 'keepAliveSeconds' | 'intervalSeconds'>;

/** The connections that stand which a group's wake-ups are compared with. */
export function staysOf({ cells }: Group): Stay[] {
  const all = cells.flatMap(({ wake }) => wake?.breakEven ?? []);
  return [...new Map(all.map((stay) => [`${stay.radio} ${stay.keepAliveSeconds}`, stay])).values()];
}

export function breakEvenOf(wake: Wake | undefined, stay: Stay): Wake['breakEven'][number] | undefined {
  return wake?.breakEven.find(
    ({ radio, keepAliveSeconds }) => radio === stay.radio && keepAliveSeconds === stay.keepAliveSeconds,
  );
}

/** Cells with a figure, the least first. */
function ranked(
  { cells }: Group,
  valueOf: (cell: CellResult) => number | undefined,
): { mode: string; value: number }[] {
  return cells
    .flatMap((cell) => {
      const value = valueOf(cell);
      return value === undefined ? [] : [{ mode: cell.mode, value }];
    })
    .toSorted((a, b) => a.value - b.value);
}

/** `1,412 ms (plain) to 3,302 ms (tls12)`, or one of them where there is no other. */
function range(all: readonly { mode: string; value: number }[], write: (value: number) => string): string {
  const [least, most] = [all[0], all.at(-1)];
  if (least === undefined || most === undefined) return NONE;
  const say = ({ mode, value }: { mode: string; value: number }): string => `${write(value)} (${mode})`;
  if (least === most) return say(least);
  return write(least.value) === write(most.value)
    ? `${write(least.value)} in every mode`
    : `${say(least)} to ${say(most)}`;
}

function sentences(group: Group): string[] {
  const where = whereOf(group);
  const awake = ranked(group, (cell) => distributionOf(cell, ASLEEP)?.p50Ms);
  if (awake.length === 0)
    return [`${where} no sensor came to sleep again, so these results hold no answer.${lost(group)}`];
  const energies = radiosOf(group).map((radio) => {
    const own = ranked(group, ({ wake }) => energyOf(wake, radio)?.perWakeMillijoules);
    return `${range(own, (value) => `${millijoulesText(value)} mJ`)} with the ${radio} radio, modelled`;
  });
  const costs = energies.length === 0 ? '' : `, and costs ${enumeration(energies)}`;
  const counts = group.cells.flatMap((cell) => distributionOf(cell, ASLEEP)?.count ?? []);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  return [
    `${where} one wake-up keeps the sensor awake for ${range(awake, msText)}${costs}.`,
    ...bytesSentence(group),
    ...staysOf(group).map((stay) => staySentence(group, stay)),
    `Medians of ${fewest === most ? counted(most, 'wake-up') : `${integer(fewest)} to ${integer(most)} wake-ups`}${counts.length > 1 ? ' a mode' : ''}, from waking until the socket is closed.${lost(group)}`,
  ];
}

function bytesSentence(group: Group): string[] {
  const all = ranked(group, ({ wake }) => wake?.bytes && wake.bytes.up + wake.bytes.down);
  if (all.length === 0) return [];
  const [of] = group.cells.flatMap(({ wake }) => wake?.bytes?.of ?? []);
  const what = of === 'packets' ? 'bytes in IP packets' : 'bytes of TLS and MQTT';
  return [`Both ends together send ${range(all, (value) => `${integer(value)} ${what}`)}.`];
}

function staySentence(group: Group, stay: Stay): string {
  const found = group.cells.flatMap(({ mode, wake }) => {
    const own = breakEvenOf(wake, stay);
    return own === undefined ? [] : [{ mode, value: own.everySeconds ?? Infinity }];
  });
  const sorted = found.toSorted((a, b) => a.value - b.value);
  const upTo = range(sorted, (value) => (value === Infinity ? 'any time' : `${integer(value)} s`));
  const paying = group.cells.filter(({ wake }) => breakEvenOf(wake, stay)?.messages !== undefined);
  const every = integer(stay.intervalSeconds);
  const from =
    paying.length === 0
      ? ` With one each ${every} s it never does, however many messages a connection carries.`
      : paying.length === found.length
        ? ` With one each ${every} s it does from the second message of a connection on.`
        : ` With one each ${every} s it does from the second message of a connection on with ${enumeration(paying.map(({ mode }) => mode))}, and never with the others.`;
  return `Staying connected with a ping each ${integer(stay.keepAliveSeconds)} s takes less energy than connecting for every message while messages are no further apart than ${upTo} (${stay.radio}, modelled).${from}`;
}

/** What did not come to sleep is not in the medians. */
function lost({ cells }: Group): string {
  const failing = cells.filter(({ samples }) => samples.failed + samples.excluded > 0);
  if (failing.length === 0) return '';
  const told = failing.map(
    ({ mode, samples: { attempted, failed, excluded } }) =>
      `${integer(failed + excluded)} of ${integer(attempted)} with ${mode}`,
  );
  return ` Failed or excluded: ${enumeration(told)}.`;
}
