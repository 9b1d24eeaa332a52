import { environmentError } from '../errors.ts';
import type { BackendAbility, BackendName, LinkBackend } from './backend.ts';
import { netemBackend } from './netem.ts';
import { noneBackend } from './none.ts';
import { proxyBackend } from './proxy.ts';
import { refusal } from './refuse.ts';
import { tunBackend } from './tun.ts';
import type { LinkSpec } from './spec.ts';

/** Every backend, from the truest to the most portable; `auto` takes the first that works here and can do all links. */
export const BACKENDS: readonly LinkBackend[] = [netemBackend, tunBackend, proxyBackend, noneBackend];

export interface ChosenBackend {
  backend: LinkBackend;
  /** Why it was chosen, and what spoke against the ones before it: a sentence for the log and the report. */
  why: string;
}

/** What the brokers and topologies of a run ask of a backend. */
export interface Wants {
  /** To reach a broker that runs already, perhaps on another machine. */
  elsewhere?: boolean;
  /** To see the wire, since nothing else tells what happens at the broker: `auto` prefers what does. */
  tap?: boolean;
  /** What its topologies need: `auto` prefers what can do most of it. */
  abilities?: readonly BackendAbility[];
  /** To carry packets without a process that would take a whole fleet's CPU: `auto` prefers what does. */
  idle?: boolean;
}

/**
 * The backend for a set of links and what brokers and topologies ask of it. Throws a {@link BenchError} (exit code 5) that
 * names what is lacking, on this machine or in the backend, and which backends would do. Where none sees the wire, or can
 * do what topologies need, one that does not is taken: what needs it is told or left out of the run.
 */
export async function chooseBackend(
  requested: 'auto' | BackendName,
  links: readonly LinkSpec[],
  wants: Wants = {},
): Promise<ChosenBackend> {
  return requested === 'auto' ? chooseAutomatically(links, wants) : chooseNamed(requested, links, wants);
}

async function chooseNamed(
  name: BackendName,
  links: readonly LinkSpec[],
  wants: Wants,
): Promise<ChosenBackend> {
  const backend = BACKENDS.find((candidate) => candidate.name === name);
  if (backend === undefined) throw new Error(`The '${name}' backend is missing from the list of backends`);
  refuseAll(backend, links, wants);
  const found = await backend.probe();
  if (!found.available) {
    throw environmentError(`The '${name}' backend does not work here: ${found.reason}`, found.mend);
  }
  return { backend, why: `asked for: ${found.detail}` };
}

/** Throws the {@link BenchError} for the first thing that a backend cannot reproduce or reach, if there is one. */
export function refuseAll(backend: LinkBackend, links: readonly LinkSpec[], wants: Wants = {}): void {
  if (!reaches(backend, wants)) {
    const able = BACKENDS.filter((other) => reaches(other, wants) && canAll(other, links));
    throw environmentError(
      `The '${backend.name}' backend cannot reach a broker that runs elsewhere: ${IN_A_NAMESPACE}`,
      able.length === 0
        ? 'No other backend can reproduce these links: choose others.'
        : `Choose a backend that can: --backend ${able.map(({ name }) => name).join(' or --backend ')}.`,
    );
  }
  for (const link of links) {
    const refused = refusal(backend, link, namesOfAble([link]));
    if (refused !== undefined) throw refused;
  }
}

const IN_A_NAMESPACE = "its links are in network namespaces of the run's own";

function reaches({ reachesElsewhere }: LinkBackend, { elsewhere = false }: Wants): boolean {
  return reachesElsewhere || !elsewhere;
}

function canAll(backend: LinkBackend, links: readonly LinkSpec[]): boolean {
  return links.every((link) => backend.cannot(link).length === 0);
}

/** What is to be said of a backend without an ability. */
const WITHOUT: Record<BackendAbility, string> = {
  cables: 'leads no packets across routers',
  hops: 'leads no link from a hop to a broker',
};

/** That a backend cannot do what a topology needs, and which ones can; undefined when it can. */
export function abilityLack(name: BackendName, needed: BackendAbility): string | undefined {
  const able = BACKENDS.filter(({ abilities }) => abilities.includes(needed)).map((backend) => backend.name);
  return able.includes(name)
    ? undefined
    : `the '${name}' backend ${WITHOUT[needed]}; one that does: --backend ${able.join(', ')}`;
}

/** What a backend lacks of what is wanted, though the run may do without. */
function lacksOf(
  { name, tapped, abilities }: LinkBackend,
  { tap = false, abilities: needed = [], idle = false }: Wants,
): string[] {
  return [
    ...(tap && !tapped ? ['it does not see the wire, which alone tells what happens at the broker'] : []),
    ...needed.filter((ability) => !abilities.includes(ability)).map((ability) => `it ${WITHOUT[ability]}`),
    ...(idle && name !== 'none' ? ['it would take CPU from a fleet whose links change nothing'] : []),
  ];
}

/** The backends that can reach all brokers, best first: what lacks least of what is wanted, and of those alike the truest. */
export function ranked(wants: Wants): LinkBackend[] {
  return BACKENDS.filter((backend) => reaches(backend, wants)).toSorted(
    (one, other) => lacksOf(one, wants).length - lacksOf(other, wants).length,
  );
}

async function chooseAutomatically(links: readonly LinkSpec[], wants: Wants): Promise<ChosenBackend> {
  const astray = BACKENDS.filter((backend) => !reaches(backend, wants));
  const able = ranked(wants);
  const against = [
    ...astray.map(({ name }) => `${name}: a broker runs elsewhere, and ${IN_A_NAMESPACE}`),
    ...able.flatMap((backend) => lacksOf(backend, wants).map((lack) => `${backend.name}: ${lack}`)),
  ];
  for (const backend of able) {
    const found = await backend.probe();
    if (!found.available) {
      against.push(`${backend.name}: ${found.reason}`);
      continue;
    }
    const problems = links.flatMap((link) =>
      backend.cannot(link).map((reason) => `${backend.name} and link '${link.id}': ${reason}`),
    );
    if (problems.length === 0) {
      const others = against.filter((text) => !text.startsWith(`${backend.name}: `));
      return { backend, why: [`the best that works here: ${found.detail}`, ...others].join('; not ') };
    }
    against.push(...problems);
  }
  throw environmentError(
    `No backend of this machine can reproduce the links. ${against.join('. ')}.`,
    'Choose links with a one-way delay alone, or one backend for each link in runs of their own.',
  );
}

function namesOfAble(links: readonly LinkSpec[]): string[] {
  return BACKENDS.filter((backend) => canAll(backend, links)).map(({ name }) => name);
}
