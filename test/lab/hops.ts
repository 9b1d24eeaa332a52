import { resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import type { TopologyChoice } from '../../src/topology/topology.ts';
import { handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

export const OUTER_MS = 34;
export const INNER_MS = 10;
export const backend = (await hasTun()) ? 'tun' : 'proxy';

export const NULL = resolveLink({ name: 'null', oneWayMs: 0 });
export const FAR = resolveLink({ name: 'far', oneWayMs: OUTER_MS });

export function behind(
  name: string,
  label: string,
  options: object = {},
  innerMs = INNER_MS,
): TopologyChoice {
  const inner = { name: innerMs === 0 ? 'null' : 'zone', oneWayMs: innerMs };
  return topologyOf({ name, label, innerLink: inner, ...options }, (link) =>
    resolveLink(link === 'lan' ? inner : link),
  );
}

/** The quickest of a cell's good attempts, from their real start: what a busy machine adds only ever makes slower. */
export function quickest(samples: readonly Sample[], cell: string): number {
  const own = samples.filter(({ cell: id, outcome }) => id === cell && outcome.status === 'ok');
  return Math.min(
    ...own.flatMap(({ milestonesMs: { connectReceived }, startLateMs }) =>
      connectReceived === undefined ? [] : [connectReceived - startLateMs],
    ),
  );
}

/** The nearest odd number: trips that begin with a client and end at a broker are one up more than down. */
export function odd(trips: number): number {
  return 2 * Math.round((trips - 1) / 2) + 1;
}

/** Trips by mode to first data, over the outer link and the inner one. */
export type Trips = Record<string, [number, number]>;

/** Counted by hand: `hops.test.ts` has the reasons. */
export const COLD: Trips = {
  tls12: [7, 1],
  tls13: [5, 3],
  'tls12-psk': [7, 1],
  mtls13: [5, 3],
  'tls12-resumed-ticket': [5, 3],
};
export const ANEW: Trips = { ...COLD, tls13: [5, 5], mtls13: [5, 5], 'tls12-resumed-ticket': [5, 5] };
export const WARM: Trips = Object.fromEntries(
  Object.entries(COLD).map(([mode, [outer]]) => [mode, [outer, 1]]),
);

/** Kinds of hops by a name for each, and the trips that they should take. */
export type Kinds = Record<string, { name: string; options: object; trips: Trips }>;

/**
 * Trips that the differences between links with and without delay amount to, whole ones, for each kind of hop; all are
 * measured in one run. What is not good is an error.
 */
export async function inferred(kinds: Kinds): Promise<Record<string, Trips>> {
  const modes = [...new Set(Object.values(kinds).flatMap(({ trips }) => Object.keys(trips)))];
  const { results, samples } = await measure(
    scenarioWith({
      modes,
      links: [FAR, NULL],
      topologies: Object.entries(kinds).flatMap(([kind, { name, options }]) => [
        behind(name, `${kind}-zone`, options),
        behind(name, `${kind}-no-zone`, options, 0),
      ]),
      workloads: [handshakes({ connectionsPerSecond: 15 })],
      rounds: 6,
    }),
    `${temporaryFolder()}/run`,
    { backend },
  );
  const bad = results.cells.filter(({ samples: { failed, excluded } }) => failed + excluded > 0);
  if (bad.length > 0)
    throw new Error(`Not good: ${JSON.stringify(bad.map((cell) => [cell.id, cell.samples]))}`);
  const of = (mode: string, link: string, topology: string): number =>
    quickest(samples, `${mode}/${link}/aedes/${topology}/handshake`);
  const tripsOf = (mode: string, kind: string): [number, number] => {
    const here = of(mode, 'far', `${kind}-zone`);
    const inner = odd((here - of(mode, 'far', `${kind}-no-zone`)) / INNER_MS);
    // Over a null link in front other trips are waited for behind the hop; they are taken off as they are there.
    const overNull = of(mode, 'null', `${kind}-zone`) - of(mode, 'null', `${kind}-no-zone`);
    const zone = overNull - inner * INNER_MS;
    return [odd((here - of(mode, 'null', `${kind}-zone`) + zone) / OUTER_MS), inner];
  };
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, { trips }]) => [
      kind,
      Object.fromEntries(Object.keys(trips).map((mode) => [mode, tripsOf(mode, kind)])),
    ]),
  );
}

export function expected(kinds: Kinds): Record<string, Trips> {
  return Object.fromEntries(Object.entries(kinds).map(([kind, { trips }]) => [kind, trips]));
}

/** Hops that are not ours: their program, and of the PSK modes those that they end. */
export const FOREIGN = [
  ['haproxy', 'haproxy', []],
  ['nginx', 'nginx', []],
  ['stunnel', 'stunnel4', ['tls12-psk']],
] as const;
/** Those of them that this machine has. */
export const present: (typeof FOREIGN)[number][0][] = [];
for (const [hop, tool] of FOREIGN) if (await hasTools(tool)) present.push(hop);
