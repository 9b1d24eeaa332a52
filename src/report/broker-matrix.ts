import * as z from 'zod';
import type { CellResult, LinkResult, Results } from '../results/schema.ts';
import { fixed, integer, ms, NONE } from './format.ts';
import { distributionOf, firstData, handshakeGroups, modesOf, type Group } from './groups.ts';
import { columnsOf, NO_SAMPLES, type Table } from './tables.ts';

/** What a mode was on a broker: measured, or why not, by the number of the reason in the matrix. */
export type MatrixEntry =
  | { kind: 'measured'; cell: CellResult }
  | { kind: 'unsupported' | 'wrong parameters'; number: number };

/** Modes by brokers that were measured over one link, behind one topology, in one workload. */
export interface BrokerMatrix {
  /** The first of the groups that it is made of. */
  groupId: string;
  /** The link, and what else tells it from others, without the broker. */
  label: string;
  link: LinkResult | undefined;
  modes: string[];
  brokers: string[];
  /** Undefined where the results have nothing on it. */
  at: (mode: string, broker: string) => MatrixEntry | undefined;
  /** Why modes are missing; the number of the first is 1. */
  reasons: { kind: 'unsupported' | 'wrong parameters'; text: string }[];
}

/** Brokers that a picture or table has room for beside each other. */
const MOST_BROKERS = 6;

/** A matrix for each place where there are several brokers, or several when they are too many for one. */
export function brokerMatrices(results: Results): BrokerMatrix[] {
  const places = Map.groupBy(handshakeGroups(results), ({ cells: [cell] }) =>
    JSON.stringify([cell?.link, cell?.topology, cell?.workload]),
  );
  return [...places.values()].flatMap((groups) => {
    const topology = groups[0]?.cells[0]?.topology;
    const unsupported = results.unsupported.filter(
      (out) =>
        // Handshakes are measured all the same where a broker cannot open payloads.
        out.workload === undefined && (out.topology === undefined || out.topology === topology),
    );
    const brokers = [
      ...new Set([
        ...groups.flatMap(({ cells }) => cells.map(({ broker }) => broker)),
        ...unsupported.flatMap(({ broker }) => broker ?? []),
      ]),
    ];
    if (brokers.length < 2) return [];
    const modes = modesAsked(results, unsupported);
    return chunks(brokers, MOST_BROKERS).map((some) => matrixOf(groups, unsupported, modes, some));
  });
}

/** Modes in the order of the scenario, those included that no broker has. */
function modesAsked(results: Results, unsupported: Results['unsupported']): string[] {
  const asked = z.looseObject({ modes: z.array(z.string()) }).safeParse(results.scenario);
  const there = new Set([...modesOf(results), ...unsupported.map(({ mode }) => mode)]);
  const order = asked.success ? asked.data.modes : [];
  return [...new Set([...order.filter((mode) => there.has(mode)), ...there])];
}

function matrixOf(
  groups: readonly Group[],
  unsupported: Results['unsupported'],
  modes: string[],
  brokers: string[],
): BrokerMatrix {
  const cells = groups.flatMap((group) => group.cells);
  const reasons: BrokerMatrix['reasons'] = [];
  const entries = new Map<string, MatrixEntry>();
  for (const mode of modes) {
    for (const broker of brokers) {
      const cell = cells.find((one) => one.mode === mode && one.broker === broker);
      const out = unsupported.find(
        (one) => one.mode === mode && (one.broker === undefined || one.broker === broker),
      );
      if (cell !== undefined) entries.set(keyOf(mode, broker), { kind: 'measured', cell });
      else if (out !== undefined) {
        const kind = out.wrongParameters === true ? 'wrong parameters' : 'unsupported';
        const known = reasons.findIndex((one) => one.kind === kind && one.text === out.reason);
        if (known < 0) reasons.push({ kind, text: out.reason });
        entries.set(keyOf(mode, broker), { kind, number: known < 0 ? reasons.length : known + 1 });
      }
    }
  }
  const [group] = groups;
  return {
    groupId: group?.id ?? '',
    label: labelOf(groups),
    link: group?.link,
    modes,
    brokers,
    at: (mode, broker) => entries.get(keyOf(mode, broker)),
    reasons,
  };
}

function keyOf(mode: string, broker: string): string {
  return JSON.stringify([mode, broker]);
}

/** What the labels of groups have beside the names of their brokers. */
function labelOf(groups: readonly Group[]): string {
  const [group] = groups;
  const broker = group?.cells[0]?.broker;
  return (group?.label ?? '')
    .split(' · ')
    .filter((part) => part !== broker)
    .join(' · ');
}

function chunks<T>(all: readonly T[], most: number): T[][] {
  const count = Math.ceil(all.length / most);
  const size = Math.ceil(all.length / count);
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size));
}

/** Bytes of TLS that both ends send in the handshake. */
export function bytesOf({ bytes }: CellResult): number | undefined {
  return bytes && bytes.handshakeUp + bytes.handshakeDown;
}

/** First data of each mode on each broker, in milliseconds; reasons by their numbers. */
export function matrixTable({ modes, brokers, at }: BrokerMatrix): Table {
  return {
    columns: columnsOf('mode', ...brokers.map((broker) => `#${broker}`)),
    rows: modes.map((mode) => ({ cells: [mode, ...brokers.map((broker) => textOf(at(mode, broker)))] })),
  };
}

function textOf(entry: MatrixEntry | undefined): string {
  if (entry === undefined) return NONE;
  if (entry.kind !== 'measured') return `${entry.kind} (${entry.number})`;
  const data = firstData(entry.cell);
  return data === undefined ? NO_SAMPLES : fixed(data.p50Ms, 1);
}

/** The reasons of a matrix with their numbers: `(1) unsupported: …`. */
export function numberedReasons({ reasons }: BrokerMatrix): string[] {
  return reasons.map(({ kind, text }, index) => `(${index + 1}) ${kind}: ${text.trim().replace(/\.$/, '')}.`);
}

/** All that a picture of the matrix shows, a line for each mode on each broker. */
export function matrixDetails(matrix: BrokerMatrix): Table {
  const { modes, brokers, at, reasons } = matrix;
  return {
    columns: columnsOf(
      'mode',
      'broker',
      '#first data p50 ms',
      '#95 % interval',
      '#CONNACK p50 ms',
      '#bytes up',
      '#bytes down',
      '#n/attempted',
      'what is missing',
    ),
    rows: modes.flatMap((mode) =>
      brokers.flatMap((broker) => {
        const entry = at(mode, broker);
        return entry === undefined ? [] : [{ cells: [mode, broker, ...figuresOf(entry, reasons)] }];
      }),
    ),
  };
}

function figuresOf(entry: MatrixEntry, reasons: BrokerMatrix['reasons']): string[] {
  if (entry.kind !== 'measured') {
    const why = `${entry.kind}: ${reasons[entry.number - 1]?.text ?? ''}`;
    return [NONE, NONE, NONE, NONE, NONE, NONE, why];
  }
  const { cell } = entry;
  const data = firstData(cell);
  return [
    data === undefined ? NO_SAMPLES : ms(data.p50Ms),
    data === undefined ? NONE : `${ms(data.p50LowMs)} – ${ms(data.p50HighMs)}`,
    ms(distributionOf(cell, 'connackReceived')?.p50Ms),
    integer(cell.bytes?.handshakeUp),
    integer(cell.bytes?.handshakeDown),
    `${integer(data?.count ?? 0)} / ${integer(cell.samples.attempted)}`,
    '',
  ];
}
