import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { startChild } from '../process/child.ts';
import type { Availability, LinkBackend, OpenLink, OpenOptions, Route } from './backend.ts';
import { proxyProtocol } from './proxy/protocol.ts';
import { refusal } from './refuse.ts';
import type { LinkSpec } from './spec.ts';

const HOST = '127.0.0.1';
/** How long the proxy may take to close its connections before it is ended with them. */
const CLOSE_MS = 3000;

/**
 * A stream proxy in a process of its own: it needs nothing of the machine, and delays bytes, FIN and RST. What lives
 * below the byte stream is not there: the TCP handshake is modelled (see `proxy/connection.ts`), slow start is not.
 */
export const proxyBackend: LinkBackend = { name: 'proxy', probe, cannot, open };

async function probe(): Promise<Availability> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host: HOST, port: 0 }, resolve);
    });
    return { available: true, detail: 'stream proxy in userland; TCP handshakes are modelled' };
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
  if (up.jitterMs > 0 || down.jitterMs > 0) reasons.push('it has no jitter');
  if (up.loss > 0 || down.loss > 0) reasons.push('it has no packets to lose, only a byte stream');
  if ([up, down].some((way) => way.burstLoss !== undefined || way.reorder || way.duplicate)) {
    reasons.push('it has no bursts, reordering or duplicates');
  }
  if (up.rateKbit !== undefined || down.rateKbit !== undefined) reasons.push('it has no rate limit');
  return reasons;
}

async function open({ onFlow, onCrash }: OpenOptions): Promise<OpenLink> {
  const child = await startChild(proxyProtocol, {
    module: new URL('./proxy.child.ts', import.meta.url),
    name: 'link proxy',
    onEvent: ({ flows }) => flows.forEach((flow) => onFlow(flow)),
    onCrash,
  });
  return {
    backend: 'proxy',
    tcp: "the kernel's over loopback; what a link would make of it is modelled",
    tapped: true,
    brokerHost: HOST,
    prefix: { client: [], broker: [] },
    children: [child],
    route: async (link, target): Promise<Route> => {
      const refused = refusal(proxyBackend, link);
      if (refused !== undefined) throw refused;
      const upMs = link.up.delayMs;
      const downMs = link.down.delayMs;
      const { port } = await child.call('route', { linkId: link.id, upMs, downMs, target });
      return { host: HOST, port, linkId: link.id, modelledConnectMs: upMs + downMs };
    },
    lateness: () => child.call('lateness', null),
    // It has no packets to count.
    traffic: () => Promise.resolve(new Map()),
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
