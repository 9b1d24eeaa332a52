import { FIRST_DATA } from '../measure/milestones.ts';
import type { CellResult, Results, Trips } from '../results/schema.ts';
import { enumeration, integer, msText } from './format.ts';
import { unexplained } from './residuals.ts';
import { refusedSentences } from './refused.ts';
import { tripsInWords } from './trips.ts';
import { counted } from '../words.ts';
import { firstData, fleetGroups, handshakeGroups, headliners, type Group, whereOf } from './groups.ts';
import { methodsTable, protectionGroups, protectionSentences } from './protection.ts';
import type { Table } from './tables.ts';
import { FLEET_REPORTS } from './workloads/index.ts';

/** What the figures of one group say, in sentences that name both events, the unit and the sample count. */
export interface Answer {
  group: Group;
  /** The first answers the scenario's question; the others explain it. Plain text. */
  sentences: string[];
  /** What sets the group's cells beside each other, where that is not the table of its workload. */
  table?: Table;
}

/** The answers that a report begins with: one for each link (broker, topology, workload) that it tells of. */
export function answersOf(results: Results): Answer[] {
  const several = severalPlaces(results);
  const loads = protectionGroups(results);
  const told = new Set(loads.flatMap(({ cells }) => cells));
  return [
    ...handshakeGroups(results).map((group) => ({ group, sentences: handshakeSentences(group, several) })),
    ...loads.map((group) => ({ group, sentences: protectionSentences(group), table: methodsTable(group) })),
    ...FLEET_REPORTS.flatMap((report) =>
      fleetGroups(results, report.kind)
        .filter(({ cells }) => !cells.every((cell) => told.has(cell)))
        .map((group) => ({ group, sentences: report.sentences(group) })),
    ),
  ];
}

/** What a group must be named by, since there are others of it. */
interface Several {
  brokers: boolean;
  topologies: boolean;
}

function severalPlaces({ cells }: Results): Several {
  return {
    brokers: new Set(cells.map(({ broker }) => broker)).size > 1,
    topologies: new Set(cells.map(({ topology }) => topology)).size > 1,
  };
}

function handshakeSentences(group: Group, several: Several): string[] {
  const pair = headliners(group).toReversed();
  const [first, second] = pair;
  const where = namedWhere(group, several);
  if (first === undefined || firstData(first) === undefined) return refusedSentences(group, where);
  const spoken = enumeration(
    pair.map((cell) => `${msText(firstData(cell)?.p50Ms)} with ${cell.mode}${tripsOf(cell)}`),
  );
  const verdict = second === undefined ? '' : `: ${difference(first, second)}`;
  const counts = pair.map((cell) => firstData(cell)?.count ?? 0);
  const samples =
    Math.min(...counts) === Math.max(...counts) ? integer(counts[0]) : counts.map(integer).join(' and ');
  return [
    `${where} the broker holds the first byte after ${spoken}${verdict}.`,
    ...securitySentence(group),
    ...unexplained(group.cells, group.link, FIRST_DATA),
    `Medians of ${samples} connections${pair.length > 1 && new Set(counts).size === 1 ? ' each' : ''}, from the client’s intended start to the broker’s first byte of CONNECT.`,
  ];
}

/** The same with the broker and the topology, where there are several. */
function namedWhere(group: Group, { brokers, topologies }: Several): string {
  const where = whereOf(group);
  const { broker = '', topology = '' } = group.cells[0] ?? {};
  const place = [
    ...(brokers ? [`on ${broker}`] : []),
    ...(topologies ? [topology === 'direct' ? 'direct' : `behind ${topology}`] : []),
  ].join(' ');
  if (place === '') return where;
  return `${place.charAt(0).toUpperCase()}${place.slice(1)}, ${where.charAt(0).toLowerCase()}${where.slice(1)}`;
}

function tripsOf(cell: CellResult): string {
  const trips = cell.trips[FIRST_DATA];
  return trips === undefined ? '' : ` (${tripsInWords(trips)})`;
}

/** What the second of two cells costs over the first. */
function difference(first: CellResult, second: CellResult): string {
  const [fast, slow] = byMedian(first, second);
  const [low, high] = [firstData(fast), firstData(slow)];
  if (low === undefined || high === undefined) return 'one of them has no samples';
  if (low.p50HighMs >= high.p50LowMs) return 'their medians do not differ beyond their 95 % intervals';
  const ms = high.p50Ms - low.p50Ms;
  const costs = `${slow.mode} costs ${msText(ms)} more`;
  const [fewer, more] = [fast.trips[FIRST_DATA], slow.trips[FIRST_DATA]];
  if (fewer === undefined || more === undefined) return costs;
  const trips = more.predicted - fewer.predicted;
  // A hop may have the connection behind it ready by the time that a longer handshake in front of it is done.
  const innerTrips = (more.inner?.predicted ?? 0) - (fewer.inner?.predicted ?? 0);
  // Where trips are too short to make the difference, it would be wrong to lay it on them.
  const waiting = ({ predictedMs, serializationMs = 0 }: Trips): number => predictedMs - serializationMs;
  const explained = trips > 0 && (waiting(more) - waiting(fewer)) / ms > 0.5;
  if (explained) return `${costs}, ${tripsWords(trips)}${innerWords(innerTrips)}`;
  return `${costs}${trips === 0 && innerTrips === 0 ? ' with as many trips' : ''}, for bytes and compute`;
}

function tripsWords(trips: number): string {
  if (trips % 2 === 1) return trips === 1 ? 'one trip' : counted(trips, 'trip');
  return trips === 2 ? 'one round trip' : counted(trips / 2, 'round trip');
}

function innerWords(trips: number): string {
  if (trips === 0) return '';
  return `, and ${tripsWords(Math.abs(trips))} ${trips > 0 ? 'more' : 'less'} behind the hop`;
}

/** What security costs over plain TCP, where both are there. */
function securitySentence(group: Group): string[] {
  const plain = group.cells.find((cell) => cell.mode === 'plain');
  const floor = plain && firstData(plain);
  if (plain === undefined || floor === undefined) return [];
  const secure = group.cells.filter((cell) => cell !== plain && firstData(cell) !== undefined);
  const costs = secure
    .map((cell) => ({ mode: cell.mode, ms: (firstData(cell)?.p50Ms ?? 0) - floor.p50Ms }))
    .toSorted((a, b) => a.ms - b.ms);
  const [least, most] = [costs[0], costs.at(-1)];
  if (least === undefined || most === undefined) return [];
  const range =
    least === most
      ? `${msText(least.ms)} (${least.mode})`
      : `${msText(least.ms)} (${least.mode}) to ${msText(most.ms)} (${most.mode})`;
  return [`Plain TCP takes ${msText(floor.p50Ms)}${tripsOf(plain)}; security adds ${range}.`];
}

function byMedian(first: CellResult, second: CellResult): [CellResult, CellResult] {
  return (firstData(first)?.p50Ms ?? 0) <= (firstData(second)?.p50Ms ?? 0)
    ? [first, second]
    : [second, first];
}
