import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Cable, Cables, Namespace, OpenNamespace } from '../link/cables.ts';
import { NULL_LINK, type LinkSpec } from '../link/spec.ts';
import { nowUs } from '../measure/clock.ts';
import { farTap, Namespaces, Once, orClose, toolsLack } from './routed.ts';
import { PacketFilter } from './rules.ts';
import type { OpenTopology, PathFailure, Topology, TopologyContext } from './topology.ts';

/** Three hellos of VRRP or BFD at a third of a second each, as routers are often set up. */
const FAILOVER_MS = 1000;
/** Last bytes of the addresses by which brokers and clients know each other, whichever path is between them. */
const BROKERS = 10;
const CLIENTS = 11;

/**
 * Two packet filters side by side. One is active; when its power fails, both sides change over to the other one after
 * the time that it takes to detect that. The standby knows nothing of the connections that the other had let in, as
 * without conntrackd(8): what belongs to them is dropped, and nobody is told.
 */
export const redundantFirewalls = {
  name: 'redundant-firewalls',
  description:
    'Two firewalls, one of them standing by without the connections’ state: the workload failover lets the active one fail.',
  hasInnerLink: true,
  needs: 'cables',
  failsOver: true,
  shape: {
    failoverMs: z
      .int()
      .min(0)
      .max(600_000)
      .optional()
      .meta({
        description: `how long the routers’ neighbours take to detect a failure and change over (default ${FAILOVER_MS})`,
      }),
  },
  lack: () => toolsLack(['ip', 'nft']),
  cannot: () => undefined,
  path: () => ({ kind: 'through', before: 0 }),
  brokerMode: (mode) => mode,
  open: async (context) => {
    const namespaces = new Namespaces(context);
    const paths = new Paths(context, namespaces);
    return orClose(
      () => namespaces.close(),
      () => paths.open(),
    );
  },
} as const satisfies Topology;

/** One firewall with its cables: to the brokers, and to the clients one for each outer link. */
interface Path {
  router: OpenNamespace;
  filter: PacketFilter;
  inner: Cable;
  outer: Map<Way, Cable>;
}

/** How clients over one outer link and the brokers know each other. */
interface Way {
  link: LinkSpec;
  clients: string;
  brokers: string;
}

class Paths {
  readonly #context: TopologyContext;
  readonly #cables: Cables;
  readonly #innerLink: LinkSpec;
  readonly #namespaces: Namespaces;
  readonly #ways = new Once<Way>();
  readonly #known: Way[] = [];
  readonly #ports = new Set<number>();
  #zone: OpenNamespace | undefined;
  /** The active path first. */
  #paths: Path[] = [];
  #routers = 0;

  constructor(context: TopologyContext, namespaces: Namespaces) {
    this.#context = context;
    this.#namespaces = namespaces;
    this.#cables = namespaces.cables;
    this.#innerLink = context.choice.innerLink ?? NULL_LINK;
  }

  async open(): Promise<OpenTopology> {
    const zone = await this.#namespaces.open('broker');
    this.#zone = zone;
    for (let count = 0; count < 2; count++) this.#paths.push(await this.#build());
    return {
      broker: { prefix: zone.prefix, host: '0.0.0.0' },
      reach: async (outer, _mode, { port }) => {
        const { brokers } = await this.#ways.get(outer.id, () => this.#lead(outer));
        this.#ports.add(port);
        for (const path of this.#paths) await this.#openPorts(path);
        return { host: brokers, port, linkId: outer.id, modelledConnectMs: 0 };
      },
      failPath: () => this.#fail(),
      renewPath: () => this.#renew(),
      // A router that replaces one that failed comes later; its own processor time is told nowhere.
      processes: this.#namespaces.processes,
      close: () => this.#namespaces.close(),
    };
  }

  /** A firewall with all cables and open ports; nothing is led through it yet. */
  async #build(): Promise<Path> {
    const router = await this.#namespaces.open(`router ${++this.#routers}`);
    const filter = await PacketFilter.between(router, 'drop');
    const between = { client: router, broker: this.#brokers };
    const inner = await this.#cables.lay(this.#innerLink, between, { tap: farTap(this.#innerLink) });
    const path: Path = { router, filter, inner, outer: new Map() };
    for (const way of this.#known) await this.#join(path, way, await this.#lay(path, way.link));
    await this.#openPorts(path);
    return path;
  }

  /** Leads clients over an outer link to the brokers; both paths are there, the active one is taken. */
  async #lead(link: LinkSpec): Promise<Way> {
    let way: Way | undefined;
    for (const path of this.#paths) {
      const cable = await this.#lay(path, link);
      if (way === undefined) {
        way = { link, clients: cable.further(CLIENTS), brokers: cable.further(BROKERS) };
        await this.#cables.clients.run(['ip', 'addr', 'add', way.clients, 'dev', 'lo']);
        await this.#brokers.run(['ip', 'addr', 'add', way.brokers, 'dev', 'lo']);
      }
      await this.#join(path, way, cable);
    }
    if (way === undefined) throw new Error('There is no path to lead over');
    this.#known.push(way);
    await this.#take(this.#active);
    return way;
  }

  #lay({ router }: Path, link: LinkSpec): Promise<Cable> {
    return this.#cables.lay(link, { client: this.#cables.clients, broker: router }, { tap: 'near' });
  }

  async #join(path: Path, way: Way, cable: Cable): Promise<void> {
    path.outer.set(way, cable);
    await batch(path.router, [
      `route add ${way.brokers} dev ${path.inner.client.device}`,
      `route add ${way.clients} dev ${cable.broker.device}`,
    ]);
  }

  /** Lets clients over all outer links that lead to it through to the brokers' ports; what is open already stays so. */
  async #openPorts({ filter, outer }: Path): Promise<void> {
    for (const { broker } of outer.values())
      for (const port of this.#ports) await filter.open(broker.device, port);
  }

  /** Has both sides take a path, for what is under way too. */
  async #take({ inner, outer }: Path): Promise<void> {
    const ways = [...outer];
    await Promise.all([
      batch(
        this.#cables.clients,
        ways.map(
          ([way, { client }]) => `route replace ${way.brokers} dev ${client.device} src ${way.clients}`,
        ),
      ),
      batch(
        this.#brokers,
        ways.map(([way]) => `route replace ${way.clients} dev ${inner.broker.device} src ${way.brokers}`),
      ),
    ]);
  }

  /** What a power cut looks like from outside: from one moment on the router takes and says nothing. */
  async #fail(): Promise<PathFailure> {
    const { failoverMs = FAILOVER_MS } = this.#context.choice.options as { failoverMs?: number };
    const [failed, standby] = this.#paths;
    if (failed === undefined || standby === undefined)
      throw new Error('No other path is left to change over to');
    const devices = [failed.inner.client, ...[...failed.outer.values()].map(({ broker }) => broker)];
    const failedUs = nowUs();
    await batch(
      failed.router,
      devices.map(({ device }) => `link set dev ${device} down`),
    );
    const changedOver = sleep(Math.max(0, failoverMs - (nowUs() - failedUs) / 1000)).then(async () => {
      await this.#take(standby);
      this.#paths = [standby, failed];
      return nowUs();
    });
    // Who was stopped meanwhile does not ask.
    changedOver.catch(() => {});
    return { failedUs, changedOver };
  }

  /** Puts another firewall, which has seen no connection, in the place of the one that failed. */
  async #renew(): Promise<void> {
    const [active, failed] = this.#paths;
    if (active === undefined || failed === undefined) return;
    await this.#namespaces.give(failed.router);
    const ends = [...failed.outer.values()].map(({ client }) => `link del dev ${client.device}`);
    await batch(this.#cables.clients, ends);
    await batch(this.#brokers, [`link del dev ${failed.inner.broker.device}`]);
    this.#paths = [active];
    this.#paths = [active, await this.#build()];
  }

  get #active(): Path {
    const [active] = this.#paths;
    if (active === undefined) throw new Error('There is no path');
    return active;
  }

  get #brokers(): OpenNamespace {
    if (this.#zone === undefined) throw new Error('The brokers have no namespace yet');
    return this.#zone;
  }
}

/** Several commands of ip(8) at once. */
async function batch(namespace: Namespace, commands: readonly string[]): Promise<void> {
  await namespace.run(['ip', '-batch', '-'], `${commands.join('\n')}\n`);
}
