import * as z from 'zod';
import type { OpenNamespace } from '../link/cables.ts';
import { cablesOf, closeAll, lead, Once, routedLack } from './routed.ts';
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
  routed: true,
  shape: {
    closed: z.enum(['reject', 'drop']).optional().meta({
      description:
        'the MQTT ports are closed too, and what clients see of it is measured: a TCP reset (`reject`), or nothing until they give up (`drop`)',
    }),
  },
  lack: (backend) => routedLack(backend, ['ip', 'nft']),
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

async function open({ choice, link, onCrash }: TopologyContext): Promise<OpenTopology> {
  const { innerLink } = choice;
  if (innerLink === undefined) throw new Error('A firewall has an inner link');
  const cables = cablesOf(link);
  const namespaces: OpenNamespace[] = [];
  const open = async (name: string): Promise<OpenNamespace> => {
    const namespace = await cables.namespace(`${choice.id} ${name}`, onCrash);
    namespaces.push(namespace);
    return namespace;
  };
  try {
    const router = await open('router');
    const zone = await open('broker');
    const filter = await PacketFilter.between(router, closedOf(choice) ?? 'drop');
    const inner = await cables.lay(innerLink, { client: router, broker: zone }, { tapped: false });
    const ways = new Once<{ host: string; device: string }>();
    return {
      broker: { prefix: zone.prefix, host: '0.0.0.0' },
      reach: async (outer, _mode, { port }) => {
        const { host, device } = await ways.get(outer.id, async () => {
          const between = { client: cables.clients, broker: router };
          const cable = await cables.lay(outer, between, { tapped: true });
          return { host: await lead(cable, [inner]), device: cable.broker.device };
        });
        if (closedOf(choice) === undefined) await filter.open(device, port);
        return { host, port, linkId: outer.id, modelledConnectMs: 0 };
      },
      processes: namespaces.map(({ process }) => process),
      close: () => closeAll(namespaces),
    };
  } catch (error) {
    await closeAll(namespaces);
    throw error;
  }
}
