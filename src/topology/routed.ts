import { environmentError } from '../errors.ts';
import type { BackendName, OpenLink } from '../link/backend.ts';
import { BACKENDS } from '../link/backends.ts';
import type { Cable, Cables, OpenNamespace } from '../link/cables.ts';
import { toolLack, type ToolName } from '../process/tools.ts';

/** What topologies lack whose packets cross routers: a backend with cables, or programs. */
export async function routedLack(
  backend: BackendName,
  tools: readonly ToolName[],
): Promise<string | undefined> {
  const able = BACKENDS.filter(({ hasCables }) => hasCables === true).map(({ name }) => name);
  if (!able.includes(backend))
    return `the '${backend}' backend leads no packets across routers; one that does: --backend ${able.join(', ')}`;
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

/** Closes namespaces, the last one first, whichever of them are there. */
export async function closeAll(namespaces: readonly OpenNamespace[]): Promise<void> {
  for (const namespace of namespaces.toReversed()) await namespace.close();
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
