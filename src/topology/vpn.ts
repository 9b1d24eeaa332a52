import * as z from 'zod';
import type { Cable, Cables, OpenNamespace } from '../link/cables.ts';
import type { LinkSpec } from '../link/spec.ts';
import { farTap, Namespaces, Once, orClose, toolsLack } from './routed.ts';
import type { OpenTopology, Topology, TopologyChoice, TopologyContext, TopologyRoute } from './topology.ts';
import { startKeeper, type Keeper } from './vpn/keeper.ts';
import { OpenvpnGateway } from './vpn/openvpn.ts';
import type { Gateway, Tunnel } from './vpn/tunnel.ts';
import { WireguardGateway } from './vpn/wireguard.ts';

/** Connections that may use cold tunnels of one link at a time, those included whose tunnels grow cold again. */
const COLD_TUNNELS = 8;
/** Last bytes of the addresses behind a tunnel. */
const TARGETS_FROM = 10;
/** A tunnel is lowered when nothing of its last connection can be under way any more. */
const SETTLE_TRIPS = 3;
const SETTLE_AT_LEAST_MS = 50;

/** Handshake initiation and response (WireGuard's paper, §5.4); the SYN follows with the next message. */
const WIREGUARD_TRIPS = 2;
/**
 * OpenVPN 2.6 with TLS 1.3 inside: its reset and the answer; ClientHello and the server's Finished; the client's Finished
 * with its key material, and the server's; PUSH_REQUEST and PUSH_REPLY. The count is measured (11.0 trips to first data
 * of plain MQTT, of which MQTT has 3), the flights are those of its protocol (openvpn(8), ssl.h and push.c).
 */
const OPENVPN_TRIPS = 8;

/**
 * A tunnel from the client to a gateway, behind which the brokers are. `warm`: it is up before the client connects.
 * Otherwise each attempt goes through one that is not: WireGuard (the Noise IK handshake, one round trip) raises it when
 * the first packet is to go; an OpenVPN client is told to connect, and the device dials when the tunnel is up.
 */
export const vpn = {
  name: 'vpn',
  description: 'A VPN tunnel leads from the client to a gateway in front of the broker.',
  hasInnerLink: true,
  needs: 'cables',
  hides: true,
  shape: {
    kind: z
      .enum(['wireguard', 'openvpn'])
      .optional()
      .meta({ description: 'what makes the tunnel (default wireguard)' }),
    warm: z.boolean().optional().meta({
      description:
        'whether the tunnel is up before the client connects, or is raised by each connection (default true)',
    }),
  },
  lack: (choice) => toolsLack(['ip', 'setpriv', 'mount', isOpenvpn(choice) ? 'openvpn' : 'wireguard-go']),
  cannot: () => undefined,
  path: (_mode, choice) => ({
    kind: 'through',
    before: isWarm(choice) ? 0 : isOpenvpn(choice) ? OPENVPN_TRIPS : WIREGUARD_TRIPS,
  }),
  brokerMode: (mode) => mode,
  open,
} as const satisfies Topology;

function isWarm({ options }: TopologyChoice): boolean {
  return (options['warm'] as boolean | undefined) ?? true;
}

function isOpenvpn({ options }: TopologyChoice): boolean {
  return options['kind'] === 'openvpn';
}

async function open(context: TopologyContext): Promise<OpenTopology> {
  const { choice, pkiFolder, onCrash } = context;
  const { innerLink } = choice;
  if (innerLink === undefined) throw new Error('A VPN has an inner link');
  const namespaces = new Namespaces(context);
  const { cables } = namespaces;
  const keepers: Keeper[] = [];
  const keep = async (name: string, namespace: Parameters<typeof startKeeper>[1]): Promise<Keeper> => {
    const keeper = await startKeeper(`${choice.id} ${name}`, namespace, onCrash);
    keepers.push(keeper);
    return keeper;
  };
  const close = async (): Promise<void> => {
    await Promise.all(keepers.map((keeper) => keeper.stop()));
    await namespaces.close();
  };
  return orClose(close, async () => {
    const router = await namespaces.open('gateway');
    const zone = await namespaces.open('broker');
    await router.forward();
    const inner = await cables.lay(
      innerLink,
      { client: router, broker: zone },
      { tap: farTap(innerLink, vpn.hides) },
    );
    const tunnels = await keep('gateway tunnels', router);
    const gateway = isOpenvpn(choice)
      ? await OpenvpnGateway.open(tunnels, pkiFolder)
      : await WireguardGateway.open(tunnels, router);
    const ways = new Once<TopologyRoute>();
    return {
      broker: { prefix: zone.prefix, host: '0.0.0.0' },
      reach: async (outer, _mode, { port }) => {
        const way = await ways.get(outer.id, async () => {
          const keeper = await keep(`client tunnels ${outer.id}`, cables.clients);
          const cold = isWarm(choice) ? 0 : COLD_TUNNELS;
          const ends = { cables, router, inner, gateway, keeper, cold, raises: isOpenvpn(choice) };
          return tunnel(ends, outer);
        });
        return { ...way, port };
      },
      get processes() {
        return [...namespaces.processes, ...keepers.map(({ process }) => process)];
      },
      close,
    };
  });
}

interface Ends {
  cables: Cables;
  router: OpenNamespace;
  inner: Cable;
  gateway: Gateway;
  /** Of the client's ends. */
  keeper: Keeper;
  /** Tunnels that are raised by attempts. */
  cold: number;
  /** Whether they are raised by something else than the first packet. */
  raises: boolean;
}

/** Leads clients over an outer link: through a tunnel that is up, and through cold ones where those are to be measured. */
async function tunnel(ends: Ends, outer: LinkSpec): Promise<TopologyRoute> {
  const { cables, router, inner, gateway, keeper, cold: count, raises } = ends;
  const cable = await cables.lay(outer, { client: cables.clients, broker: router }, { tap: 'none' });
  // The first one is for those whose tunnel is up: warm attempts, subscribers, and clients that gather sessions.
  const tunnels = Array.from({ length: 1 + count }, (_, index): Tunnel => ({
    device: `${cable.client.device}vpn${index}`,
    address: gateway.addressOf(cable, index),
    target: cable.further(TARGETS_FROM + index),
  }));
  for (const { address, target } of tunnels) {
    await router.run(['ip', 'route', 'add', target, 'dev', inner.client.device]);
    await inner.broker.namespace.run(['ip', 'addr', 'add', target, 'dev', 'lo']);
    await inner.broker.namespace.run(['ip', 'route', 'add', address, 'dev', inner.broker.device]);
  }
  const cold = await gateway.dig(keeper, cable, tunnels);
  const route = { host: tunnels[0]?.target ?? '', port: 0, linkId: outer.id, modelledConnectMs: 0 };
  if (count === 0) return route;
  const delayMs = Math.max(outer.up.delayMs, outer.down.delayMs) + inner.link.up.delayMs;
  const settleMs = Math.round(Math.max(SETTLE_AT_LEAST_MS, SETTLE_TRIPS * delayMs));
  const { port } = await keeper.call('lend', { tunnels: cold, settleMs });
  return { ...route, tunnels: { controlPort: port, raises } };
}
