import { environmentError } from '../errors.ts';
import type { OpenLink } from '../link/backend.ts';
import type { Cable, Cables, OpenNamespace, Tap } from '../link/cables.ts';
import { isNullLink, type LinkSpec } from '../link/spec.ts';
import type { Watched } from '../process/child.ts';
import { toolLack, type ToolName } from '../process/tools.ts';
import type { TopologyContext } from './topology.ts';

/** The first of some programs that is missing, and what brings it; undefined when all are here. */
export async function toolsLack(tools: readonly ToolName[]): Promise<string | undefined> {
  const lacks = await Promise.all(tools.map((tool) => toolLack(tool)));
  return lacks.find((lack) => lack !== undefined);
}

/** The cables of an open link. Throws an environment error (exit code 5) where its backend has none. */
export function cablesOf({ backend, cables }: OpenLink): Cables {
  if (cables !== undefined) return cables;
  throw environmentError(
    `The '${backend}' backend cannot lead packets across routers`,
    'Choose one that can: `--backend tun`.',
  );
}

/**
 * Whether the connections of a link behind a router are told: where it has no delay the clients' own link tells the same,
 * unless that hides them.
 */
export function farTap(innerLink: LinkSpec, hides = false): Tap {
  return hides || !isNullLink(innerLink) ? 'far' : 'none';
}

/** Last byte of the address at which brokers are reached over a cable. */
const SERVICE = 10;

/**
 * Lets what is at the clients' end of a cable reach the brokers at the far end of the cables behind it, through the
 * namespaces in between. Answers the address to dial, which is the brokers' own: it tells over which cable they are
 * reached, and their answers go back the same way. `behind` is in order from the clients to the brokers.
 */
export async function lead(outer: Cable, behind: readonly Cable[]): Promise<string> {
  const address = outer.further(SERVICE);
  for (const { client } of [outer, ...behind])
    await client.namespace.run(['ip', 'route', 'add', address, 'dev', client.device, 'src', client.address]);
  const { broker } = behind.at(-1) ?? outer;
  await broker.namespace.run(['ip', 'addr', 'add', address, 'dev', 'lo']);
  // The router at the cable's own end knows its other end already.
  for (const { broker } of behind)
    await broker.namespace.run(['ip', 'route', 'add', outer.client.address, 'dev', broker.device]);
  return address;
}

/** The namespaces that a topology has opened, which it closes again. */
export class Namespaces {
  readonly cables: Cables;
  readonly #label: string;
  readonly #onCrash: (error: Error) => void;
  readonly #open: OpenNamespace[] = [];

  /** Throws an environment error (exit code 5) where the link's backend has no cables. */
  constructor({ choice, link, onCrash }: TopologyContext) {
    this.cables = cablesOf(link);
    this.#label = choice.id;
    this.#onCrash = onCrash;
  }

  /** Their processes, for their usage. */
  get processes(): Watched[] {
    return this.#open.map(({ process }) => process);
  }

  async open(name: string): Promise<OpenNamespace> {
    const namespace = await this.cables.namespace(`${this.#label} ${name}`, this.#onCrash);
    this.#open.push(namespace);
    return namespace;
  }

  /** Closes one of them before the others. */
  async give(namespace: OpenNamespace): Promise<void> {
    await namespace.close();
    this.#open.splice(this.#open.indexOf(namespace), 1);
  }

  /** Closes all, the last one first. */
  async close(): Promise<void> {
    for (const namespace of this.#open.toReversed()) await namespace.close();
  }
}

/** What `build` makes; where that fails, what it has opened until then is closed again. */
export async function orClose<T>(close: () => Promise<void>, build: () => Promise<T>): Promise<T> {
  try {
    return await build();
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes one thing for each key, once, also when it is asked for again meanwhile. */
export class Once<T> {
  readonly #made = new Map<string, Promise<T>>();

  get(key: string, make: () => Promise<T>): Promise<T> {
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    return made;
  }
}
