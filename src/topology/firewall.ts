import * as z from 'zod';
import { farTap, lead, Namespaces, Once, orClose, toolsLack } from './routed.ts';
import { PacketFilter, type Closed } from './rules.ts';
import type { OpenTopology, Topology, TopologyChoice, TopologyContext } from './topology.ts';

/**
 * A packet filter in front of the brokers that lets only their MQTT ports through. With `closed` it lets none through,
 * so that what a client sees is measured that dials a port which is closed to it.
 */
export const firewall = {
  name: 'firewall',
  description: 'A packet filter (nftables) in a router lets only the MQTT ports through to the broker.',
  hasInnerLink: true,
  needs: 'cables',
  shape: {
    closed: z.enum(['reject', 'drop']).optional().meta({
      description:
        'the MQTT ports are closed too, and what clients see of it is measured: a TCP reset (`reject`), or nothing until they give up (`drop`)',
    }),
  },
  lack: () => toolsLack(['ip', 'nft']),
  cannot: ({ refusedAt, resumption }, choice) =>
    closedOf(choice) === undefined
      ? undefined
      : refusedAt !== undefined
        ? 'its clients are to be refused by the broker, which they do not reach'
        : resumption !== undefined
          ? 'behind closed ports there is no session to resume'
          : undefined,
  path: (_mode, choice) => {
    const closed = closedOf(choice);
    return closed === undefined
      ? { kind: 'through', before: 0 }
      : { kind: 'closed', answered: closed === 'reject' };
  },
  brokerMode: (mode) => mode,
  closed: closedOf,
  open,
} as const satisfies Topology;

function closedOf({ options }: TopologyChoice): Closed | undefined {
  return options['closed'] as Closed | undefined;
}

async function open(context: TopologyContext): Promise<OpenTopology> {
  const { choice } = context;
  const { innerLink } = choice;
  if (innerLink === undefined) throw new Error('A firewall has an inner link');
  const namespaces = new Namespaces(context);
  const { cables } = namespaces;
  return orClose(
    () => namespaces.close(),
    async () => {
      const router = await namespaces.open('router');
      const zone = await namespaces.open('broker');
      const filter = await PacketFilter.between(router, closedOf(choice) ?? 'drop');
      const inner = await cables.lay(innerLink, { client: router, broker: zone }, { tap: farTap(innerLink) });
      const ways = new Once<{ host: string; device: string }>();
      return {
        broker: { prefix: zone.prefix, host: '0.0.0.0' },
        reach: async (outer, _mode, { port }) => {
          const { host, device } = await ways.get(outer.id, async () => {
            const between = { client: cables.clients, broker: router };
            const cable = await cables.lay(outer, between, { tap: 'near' });
            return { host: await lead(cable, [inner]), device: cable.broker.device };
          });
          if (closedOf(choice) === undefined) await filter.open(device, port);
          return { host, port, linkId: outer.id, modelledConnectMs: 0 };
        },
        processes: namespaces.processes,
        close: () => namespaces.close(),
      };
    },
  );
}
