import { isDeepStrictEqual } from 'node:util';
import { usageError } from '../errors.ts';
import { isSingleKind } from '../swarm/workloads/settings/single.ts';
import type { TopologyChoice } from '../topology/topology.ts';
import {
  isSinglePhase,
  layOut,
  linksOf,
  makePlan,
  workloadIds,
  type Cell,
  type LeftOut,
  type Phase,
  type Plan,
} from './plan.ts';
import { seededRandom } from './random.ts';
import type { Scenario } from './scenario.ts';

/** The two sides of a paired run, in the order in which their cells stand in the plan that is measured. */
export const VARIANTS = ['baseline', 'candidate'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Two plans of as many cells each: cell k of one is the partner of cell k of the other, whatever they are called. */
export interface PairedPlan {
  baseline: Plan;
  candidate: Plan;
}

const LISTS = ['workloads', 'links', 'brokers', 'topologies', 'modes'] as const;
const NUMBERS = ['rounds', 'warmupRounds', 'seed'] as const;
const SAME_LENGTHS =
  'Partners are found by their places: the second mode of one is held against the second of the other, and so with links, brokers and topologies.';

/**
 * Plans two variants that are measured in the same rounds. Throws a usage error that says where they do not fit: lists
 * of different lengths, or another number of rounds, seed or kind of load, so that a round would not hold both.
 */
export function makePairedPlan(
  baseline: Scenario,
  candidate: Scenario,
  only?: Record<Variant, ReadonlySet<string>>,
): PairedPlan {
  for (const what of NUMBERS) {
    if (baseline[what] === candidate[what]) continue;
    throw usageError(
      `The baseline has ${what}: ${baseline[what]}, the candidate ${candidate[what]}; rounds that hold both need the same`,
      `Give it to both: --set ${what}=${candidate[what]}`,
    );
  }
  for (const what of LISTS) {
    const [before, after] = [baseline[what].length, candidate[what].length];
    if (before === after) continue;
    throw usageError(`The baseline has ${before} ${what}, the candidate ${after}`, SAME_LENGTHS);
  }
  for (const [position, workload] of candidate.workloads.entries())
    checkWorkloads(baseline.workloads[position], workload);
  checkPorts(baseline, candidate);
  // A broker of equal settings is a process of its own on each side: what a process happens to be like (its memory, its
  // heap, what it keeps of sessions) is part of what is compared, and one that both share could not differ.
  const own = (scenario: Scenario): Scenario => ({
    ...scenario,
    brokers: scenario.brokers.map((broker) => ({ ...broker })),
  });
  return {
    baseline: makePlan(own(baseline), [], only?.baseline),
    candidate: makePlan(own(candidate), [], only?.candidate),
  };
}

/** What stands in the same place of the other variant. */
export function partnerOf(
  { mode, broker, topology, workload }: LeftOut,
  from: Scenario,
  to: Scenario,
): LeftOut {
  const twin = (id: string, own: readonly { id: string }[], others: readonly { id: string }[]): string =>
    others[own.findIndex((each) => each.id === id)]?.id ?? id;
  return {
    mode: to.modes[from.modes.indexOf(mode)] ?? mode,
    ...(broker === undefined ? {} : { broker: twin(broker, from.brokers, to.brokers) }),
    ...(topology === undefined ? {} : { topology: twin(topology, from.topologies, to.topologies) }),
    ...(workload === undefined
      ? {}
      : {
          workload: workloadIds(to.workloads)[workloadIds(from.workloads).indexOf(workload)] ?? workload,
        }),
  };
}

/**
 * The plan that the lab measures: every round holds one connection of every cell of both, in a new order. Its cells are
 * the baseline's and then the candidate's, named `baseline:…` and `candidate:…`. Equal links are one link, since they
 * are not what is under test; different ones of one name are told apart in the same way. Cells of steady load run one after
 * another, partners side by side in an order that is drawn for each.
 */
export function interleave({ baseline, candidate }: PairedPlan): Plan {
  const links = sharedOf(linksOf(baseline), linksOf(candidate));
  const built = (variant: Variant, { scenario }: Plan): TopologyChoice[] =>
    scenario.topologies.map((topology) =>
      topology.innerLink === undefined
        ? topology
        : { ...topology, innerLink: links(variant, topology.innerLink) },
    );
  const topologies = sharedOf(built('baseline', baseline), built('candidate', candidate));
  const brokers = new Map(
    (
      [
        ['baseline', baseline],
        ['candidate', candidate],
      ] as const
    ).flatMap(([variant, { scenario }]) =>
      scenario.brokers.map((broker) => [broker, { ...broker, id: prefixed(variant, broker.id) }] as const),
    ),
  );
  const own = (variant: Variant, { cells }: Plan, first: number): Cell[] =>
    cells.map((cell, position) => ({
      ...cell,
      index: first + position,
      id: prefixed(variant, cell.id),
      link: links(variant, cell.link),
      broker: brokers.get(cell.broker) ?? cell.broker,
      topology: topologies(variant, cell.topology),
    }));
  const before = own('baseline', baseline, 0);
  const after = own('candidate', candidate, before.length);
  let nextArrival = 0;
  const phases = candidate.phases.map((phase, position): Phase => {
    const random = seededRandom(candidate.scenario.seed + position);
    const places = phase.cells.map(({ index }) => index).toSorted((a, b) => a - b);
    const pairs = places.map((place) => [before[place], after[place]].filter((cell) => cell !== undefined));
    if (!isSinglePhase(phase))
      return { kind: phase.kind, cells: random.shuffle(pairs).flatMap((pair) => random.shuffle(pair)) };
    const cells = pairs.flat();
    const arrivals = layOut(candidate.scenario, phase.workload, cells, random, nextArrival);
    nextArrival += arrivals.length;
    return { ...phase, cells, arrivals };
  });
  const { scenario } = candidate;
  return {
    scenario: {
      ...scenario,
      modes: [...new Set([...baseline.scenario.modes, ...scenario.modes])],
      links: [...new Set([...before, ...after].map(({ link }) => link))],
      brokers: [...brokers.values()],
      topologies: [...new Set([...before, ...after].map(({ topology }) => topology))],
      workloads: [...baseline.scenario.workloads, ...scenario.workloads],
    },
    leftOut: [],
    cells: [...before, ...after],
    phases,
  };
}

/**
 * What both variants have of one kind, by its names: what is equal is one and the same thing, and different things of one
 * name are told apart.
 */
function sharedOf<T extends { id: string }>(
  before: readonly T[],
  after: readonly T[],
): (variant: Variant, own: { id: string }) => T {
  const named = (variant: Variant, all: readonly T[], others: readonly T[]): Map<string, T> =>
    new Map(
      all.map((each) => {
        const namesake = others.find(({ id }) => id === each.id);
        const differs = namesake !== undefined && !isDeepStrictEqual(each, namesake);
        return [each.id, differs ? { ...each, id: prefixed(variant, each.id) } : each];
      }),
    );
  const found = { baseline: named('baseline', before, after), candidate: named('candidate', after, before) };
  for (const [id, each] of found.baseline)
    if (found.candidate.get(id)?.id === id) found.candidate.set(id, each);
  return (variant, { id }) => {
    const one = found[variant].get(id);
    if (one === undefined) throw new RangeError(`The ${variant} has no ${id}`);
    return one;
  };
}

function prefixed(variant: Variant, id: string): string {
  return `${variant}:${id}`;
}

function checkWorkloads(
  before: Scenario['workloads'][number] | undefined,
  after: Scenario['workloads'][number],
): void {
  const [one, other] = [before ?? {}, after] as Record<string, unknown>[];
  // Load is in one cell at a time; connections of both are in one schedule.
  const keys = isSingleKind(after.kind) ? Object.keys({ ...one, ...other }) : ['kind', 'seconds'];
  for (const key of keys) {
    if (isDeepStrictEqual(one?.[key], other?.[key])) continue;
    throw usageError(
      `The baseline's workload has ${key}: ${String(one?.[key])}, the candidate's ${String(other?.[key])}`,
      'Both variants of a paired run follow one schedule, so what the clients do must agree.',
    );
  }
}

/** Each broker listens on as many ports as there are modes, from its first one on. */
function checkPorts(baseline: Scenario, candidate: Scenario): void {
  const used = baseline.brokers.flatMap(({ port }) => port ?? []);
  for (const port of candidate.brokers.flatMap((broker) => broker.port ?? [])) {
    const near = used.find((other) => Math.abs(other - port) < candidate.modes.length);
    if (near === undefined) continue;
    throw usageError(
      `Both variants would listen on the ports from ${port} on: each has broker processes of its own`,
      `Leave \`port\` out, or keep the baseline's away: --against-set broker.port=${port + candidate.modes.length}`,
    );
  }
}
