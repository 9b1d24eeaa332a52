import { isDeepStrictEqual } from 'node:util';
import type { BrokerChoice } from '../broker/broker.ts';
import type { LinkSpec } from '../link/spec.ts';
import { workloadName, type Workload } from '../swarm/workloads/settings/index.ts';
import {
  isSingleWorkload,
  type SingleKind,
  type SingleWorkload,
} from '../swarm/workloads/settings/single.ts';
import type { TopologyChoice } from '../topology/topology.ts';
import { seededRandom, type Random } from './random.ts';
import type { Scenario } from './scenario.ts';

/** One mode × link × broker × topology × workload. */
export interface Cell {
  index: number;
  /** `mode/link/broker/topology/workload`: stable and greppable. */
  id: string;
  mode: string;
  link: LinkSpec;
  broker: BrokerChoice;
  topology: TopologyChoice;
  workload: Workload;
  workloadId: string;
}

/** One attempt of a workload of single connections. */
export interface Arrival {
  /** Unique in the plan. */
  id: number;
  cell: number;
  round: number;
  warmup: boolean;
  /** Intended start, in milliseconds from the start of its phase. */
  atMs: number;
}

/** Workloads run one after another; idle latency and load never share a phase. */
export type Phase = SinglePhase | { kind: Exclude<Workload['kind'], SingleKind>; cells: Cell[] };

/** Single connections, those of all cells interleaved. */
export interface SinglePhase {
  kind: SingleKind;
  workload: SingleWorkload;
  cells: Cell[];
  arrivals: Arrival[];
}

/** Whether a phase is one of single connections. */
export function isSinglePhase(phase: Phase): phase is SinglePhase {
  return 'arrivals' in phase;
}

export interface Plan {
  scenario: Scenario;
  /** What was left out of the scenario's cells. */
  leftOut: readonly LeftOut[];
  /** The only cells that were let in, by their ids; all when absent. */
  only?: ReadonlySet<string>;
  cells: Cell[];
  /** One for each workload of the scenario, in its order; those that differ in their protection alone share one. */
  phases: Phase[];
}

/** What a plan may be made without: a mode, on one broker, behind one topology, or of one workload. */
export interface LeftOut {
  mode: string;
  /** The broker's id; every broker when absent. */
  broker?: string;
  /** The topology's id; every topology when absent. */
  topology?: string;
  /** The workload's id; every workload when absent. */
  workload?: string;
}

/** What workloads are called in cells, in their order: two of one name are numbered. */
export function workloadIds(workloads: readonly Workload[]): string[] {
  const names = workloads.map(workloadName);
  return names.map((name, position) => {
    const twins = names.slice(0, position).filter((other) => other === name).length;
    return twins === 0 ? name : `${name}-${twins + 1}`;
  });
}

/** All links of a plan: those of its cells, and those behind the hops of its topologies. */
export function linksOf({ scenario: { links, topologies } }: Plan): LinkSpec[] {
  const all = [...links, ...topologies.flatMap(({ innerLink }) => innerLink ?? [])];
  return [...new Map(all.map((link) => [link.id, link])).values()];
}

/** Multiplies a scenario to cells and lays out every arrival. The same scenario and seed make the same plan. */
export function makePlan(
  scenario: Scenario,
  leftOut: readonly LeftOut[] = [],
  only?: ReadonlySet<string>,
): Plan {
  const cells: Cell[] = [];
  const phases: Phase[] = [];
  const ids = workloadIds(scenario.workloads);
  let nextArrival = 0;
  for (const [position, workload] of scenario.workloads.entries()) {
    const own = multiply(scenario, leftOut, workload, ids[position] ?? workload.kind)
      .filter(({ id }) => only?.has(id) ?? true)
      .map((cell, offset) => ({ index: cells.length + offset, ...cell }));
    cells.push(...own);
    // Each phase has its own source, so that adding a workload does not move the others.
    const random = seededRandom(scenario.seed + position);
    if (isSingleWorkload(workload)) {
      const arrivals = layOut(scenario, workload, own, random, nextArrival);
      nextArrival += arrivals.length;
      phases.push({ kind: workload.kind, workload, cells: own, arrivals });
      continue;
    }
    const last = phases.at(-1);
    // Methods that are held against each other take turns, so that a drifting machine moves all alike.
    if (last !== undefined && differInProtection(scenario.workloads[position - 1], workload))
      last.cells = random.shuffle([...last.cells, ...own]);
    else phases.push({ kind: workload.kind, cells: random.shuffle(own) });
  }
  return { scenario, leftOut, ...(only === undefined ? {} : { only }), cells, phases };
}

/** Whether two workloads are of load that is the same but for the protection of its payloads. */
function differInProtection(one: Workload | undefined, other: Workload): boolean {
  return (
    one?.kind === 'pubsub' &&
    other.kind === 'pubsub' &&
    !isDeepStrictEqual(one.protection, other.protection) &&
    isDeepStrictEqual({ ...one, protection: undefined }, { ...other, protection: undefined })
  );
}

/** The plan without some more; the order of arrivals is drawn anew. */
export function withoutMore({ scenario, leftOut, only }: Plan, more: readonly LeftOut[]): Plan {
  return makePlan(scenario, [...leftOut, ...more], only);
}

function multiply(
  scenario: Scenario,
  leftOut: readonly LeftOut[],
  workload: Workload,
  workloadId: string,
): Omit<Cell, 'index'>[] {
  const isThere = (mode: string, broker: BrokerChoice, topology: TopologyChoice): boolean =>
    leftOut.every(
      (out) =>
        out.mode !== mode ||
        (out.broker ?? broker.id) !== broker.id ||
        (out.topology ?? topology.id) !== topology.id ||
        (out.workload ?? workloadId) !== workloadId,
    );
  const combinations = scenario.links.flatMap((link) =>
    scenario.brokers.flatMap((broker) =>
      scenario.topologies.flatMap((topology) =>
        scenario.modes
          .filter((mode) => isThere(mode, broker, topology))
          .map((mode) => ({ mode, link, broker, topology })),
      ),
    ),
  );
  return combinations.map(({ mode, link, broker, topology }) => ({
    id: [mode, link.id, broker.id, topology.id, workloadId].join('/'),
    mode,
    link,
    broker,
    topology,
    workload,
    workloadId,
  }));
}

/** Every round holds one connection of each cell in a new order, so that a drifting machine moves all alike. */
export function layOut(
  { rounds, warmupRounds }: Scenario,
  workload: SingleWorkload,
  cells: readonly Cell[],
  random: Random,
  firstId: number,
): Arrival[] {
  const slotMs = 1000 / workload.connectionsPerSecond;
  const arrivals: Arrival[] = [];
  let poissonMs = 0;
  for (let round = 0; round < warmupRounds + rounds; round++) {
    for (const cell of random.shuffle(cells)) {
      poissonMs += -Math.log(1 - random.next()) * slotMs;
      const evenMs = (arrivals.length + random.next()) * slotMs;
      arrivals.push({
        id: firstId + arrivals.length,
        cell: cell.index,
        round,
        warmup: round < warmupRounds,
        atMs: workload.arrivals === 'poisson' ? poissonMs : evenMs,
      });
    }
  }
  return arrivals;
}
