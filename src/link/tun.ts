import { messageOf } from '../errors.ts';
import { startChild } from '../process/child.ts';
import type { Availability, LinkBackend, OpenLink, OpenOptions, Route } from './backend.ts';
import { machineFacts } from './machine-facts.ts';
import { namespaceFacts, namespaceLack } from './namespace-lack.ts';
import { CONGESTION_CONTROL, enterNamespace, newNamespace } from './namespace.ts';
import { tunCables } from './tun/cables.ts';
import { hasTunDevice, tunLack } from './tun/lack.ts';
import { tunProtocol } from './tun/protocol.ts';

/**
 * A delay line in userland under the machine's own TCP: every packet of a network namespace goes through a tun device
 * into a process that holds it for the link's time. Loss, retransmission, slow start and the TCP handshake are real.
 */
export const tunBackend: LinkBackend = {
  name: 'tun',
  reachesElsewhere: false,
  tapped: true,
  records: 'real',
  abilities: ['cables', 'hops'],
  probe,
  cannot: () => [],
  open,
};

async function probe(): Promise<Availability> {
  const machine = await machineFacts();
  const lack = namespaceLack(await namespaceFacts(machine, ['unshare', 'ip']));
  if (lack !== undefined) return { available: false, ...lack };
  const silent: OpenOptions = { onFlow: () => {}, onCrash: () => {} };
  try {
    const link = await open(silent);
    await link.close();
    return {
      available: true,
      detail: 'TUN delay line in userland under real TCP, in a namespace of its own',
    };
  } catch (error) {
    const facts = { ...machine, hasDevice: hasTunDevice(), said: messageOf(error) };
    return { available: false, ...tunLack(facts) };
  }
}

async function open({ seed = 1, onFlow, onPackets, onCrash }: OpenOptions): Promise<OpenLink> {
  const child = await startChild(tunProtocol, {
    module: new URL('./tun.child.ts', import.meta.url),
    name: 'link tun',
    prefix: newNamespace(),
    onEvent: (event) => {
      if ('flows' in event) event.flows.forEach((flow) => onFlow(flow));
      else onPackets?.(event.packets);
    },
    onCrash,
  });
  try {
    await child.call('open', { seed, records: onPackets !== undefined });
  } catch (error) {
    await child.stop();
    throw error;
  }
  const prefix = enterNamespace(child.pid);
  const cables = tunCables(child);
  return {
    backend: 'tun',
    tcp: `the kernel's, ${CONGESTION_CONTROL}`,
    modelled: [],
    tapped: true,
    // Any address of the run's own namespace: nothing outside it can reach them.
    brokerHost: '0.0.0.0',
    prefix: { client: prefix, broker: prefix },
    children: [child],
    cables,
    route: async (link, { port }): Promise<Route> => {
      const { host } = await child.call('route', { link, port });
      return { host, port, linkId: link.id, modelledConnectMs: 0 };
    },
    lateness: () => child.call('lateness', null),
    traffic: async () => new Map(Object.entries(await child.call('traffic', null))),
    close: async () => {
      await cables.close();
      await child.call('close', null).catch(() => {});
      await child.stop();
    },
  };
}
