import type { OpenNamespace } from '../link/cables.ts';
import { NULL_LINK } from '../link/spec.ts';
import { lead, Namespaces, Once, orClose, toolsLack } from './routed.ts';
import { PacketFilter } from './rules.ts';
import type { OpenTopology, Topology, TopologyContext } from './topology.ts';

/**
 * Brokers in a zone between two packet filters: publishers reach them from outside through the one, subscribers from
 * inside through the other. Nothing leads from outside to inside; the inner link is the subscribers'.
 */
export const dmz = {
  name: 'dmz',
  description:
    'The broker stands between an outer and an inner firewall: publishers outside, subscribers inside, over the inner link.',
  hasInnerLink: true,
  needs: 'cables',
  shape: {},
  lack: () => toolsLack(['ip', 'nft']),
  cannot: () => undefined,
  path: () => ({ kind: 'aside' }),
  brokerMode: (mode) => mode,
  open,
} as const satisfies Topology;

async function open(context: TopologyContext): Promise<OpenTopology> {
  const { choice } = context;
  const { innerLink } = choice;
  if (innerLink === undefined) throw new Error('A DMZ has an inner link');
  const namespaces = new Namespaces(context);
  const { cables } = namespaces;
  return orClose(
    () => namespaces.close(),
    async () => {
      const zone = await namespaces.open('broker');
      const routers = {
        outer: await namespaces.open('outer router'),
        inner: await namespaces.open('inner router'),
      };
      const filters = {
        outer: await PacketFilter.between(routers.outer, 'drop'),
        inner: await PacketFilter.between(routers.inner, 'drop'),
      };
      const toZone = async (router: OpenNamespace): ReturnType<typeof cables.lay> =>
        cables.lay(NULL_LINK, { client: router, broker: zone }, { tap: 'none' });
      const behind = { outer: await toZone(routers.outer), inner: await toZone(routers.inner) };
      const inner = await cables.lay(
        innerLink,
        { client: cables.clients, broker: routers.inner },
        { tap: 'none' },
      );
      const inside = await lead(inner, [behind.inner]);
      const ways = new Once<{ host: string; device: string }>();
      return {
        broker: { prefix: zone.prefix, host: '0.0.0.0' },
        reach: async (outer, _mode, { port }) => {
          const { host, device } = await ways.get(outer.id, async () => {
            const between = { client: cables.clients, broker: routers.outer };
            const cable = await cables.lay(outer, between, { tap: 'near' });
            return { host: await lead(cable, [behind.outer]), device: cable.broker.device };
          });
          await filters.outer.open(device, port);
          return { host, port, linkId: outer.id, modelledConnectMs: 0 };
        },
        reachInside: async (_mode, { port }) => {
          await filters.inner.open(inner.broker.device, port);
          return { host: inside, port, linkId: innerLink.id, modelledConnectMs: 0 };
        },
        processes: namespaces.processes,
        close: () => namespaces.close(),
      };
    },
  );
}
