import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { startChild } from '../process/child.ts';
import type { Availability, LinkBackend, OpenLink, OpenOptions, Route } from './backend.ts';
import { proxyProtocol } from './proxy/protocol.ts';
import { SYN_BYTES } from './proxy/tcp/segment.ts';
import { refusal } from './refuse.ts';
import type { LinkSpec } from './spec.ts';

const HOST = '127.0.0.1';
/** How long the proxy may take to close its connections before it is ended with them. */
const CLOSE_MS = 3000;

/**
 * A stream proxy in a process of its own: it needs nothing of the machine. It delays bytes, FIN and RST as a TCP of
 * its own would bring them across the link (see `proxy/connection.ts`): handshake, slow start, loss recovery and
 * acknowledgements are modelled, packet by packet, over the same lanes as those of the TUN delay line.
 */
export const proxyBackend: LinkBackend = {
  name: 'proxy',
  reachesElsewhere: true,
  tapped: true,
  records: 'synthetic',
  abilities: ['hops'],
  probe,
  cannot,
  open,
};

async function probe(): Promise<Availability> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host: HOST, port: 0 }, resolve);
    });
    return { available: true, detail: 'stream proxy in userland; TCP is modelled' };
  } catch (error) {
    return {
      available: false,
      reason: `nothing can listen on ${HOST}: ${messageOf(error)}`,
      mend: 'Bring the loopback interface up (`ip link set lo up`).',
    };
  } finally {
    server.close();
  }
}

function cannot({ up, down }: LinkSpec): string[] {
  const reasons: string[] = [];
  if (up.reorder || down.reorder) reasons.push('its packets keep their order');
  if (up.duplicate || down.duplicate) reasons.push('it has no duplicates');
  return reasons;
}

async function open({ seed = 1, onFlow, onPackets, onCrash }: OpenOptions): Promise<OpenLink> {
  const child = await startChild(proxyProtocol, {
    module: new URL('./proxy.child.ts', import.meta.url),
    name: 'link proxy',
    onEvent: (event) => {
      if ('flows' in event) event.flows.forEach((flow) => onFlow(flow));
      else onPackets?.(event.packets);
    },
    onCrash,
  });
  await child.call('open', { seed, records: onPackets !== undefined });
  return {
    backend: 'proxy',
    tcp: 'modelled, after Linux with Reno',
    modelled: ['TCP handshake', 'slow start', 'loss recovery', 'acknowledgements'],
    tapped: true,
    brokerHost: HOST,
    prefix: { client: [], broker: [] },
    children: [child],
    route: async (link, target): Promise<Route> => {
      const refused = refusal(proxyBackend, link);
      if (refused !== undefined) throw refused;
      const { port } = await child.call('route', { link, target });
      return { host: HOST, port, linkId: link.id, modelledConnectMs: connectMs(link) };
    },
    lateness: () => child.call('lateness', null),
    traffic: async () => new Map(Object.entries(await child.call('traffic', null))),
    close: async () => {
      // A proxy that died has told all it will; what is left is to be done with it.
      await Promise.race([
        child.call('close', null).catch(() => {}),
        sleep(CLOSE_MS, undefined, { ref: false }),
      ]);
      await child.stop();
    },
  };
}

/** What the modelled TCP handshake takes over an empty link that loses nothing: SYN and SYN-ACK with their delays. */
function connectMs({ up, down }: LinkSpec): number {
  return [up, down].reduce(
    (sum, { delayMs, rateKbit }) => sum + delayMs + (rateKbit === undefined ? 0 : (SYN_BYTES * 8) / rateKbit),
    0,
  );
}
