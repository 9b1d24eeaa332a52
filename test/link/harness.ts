import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Endpoint, Flow, OpenLink, Route } from '../../src/link/backend.ts';
import { proxyBackend } from '../../src/link/proxy.ts';

/** An open proxy and all that it told. */
export interface OpenProxy {
  link: OpenLink;
  flows: Flow[];
  crashes: Error[];
}

export async function openProxy(): Promise<OpenProxy> {
  const flows: Flow[] = [];
  const crashes: Error[] = [];
  const link = await proxyBackend.open({
    onFlow: (flow) => flows.push(flow),
    onCrash: (error) => crashes.push(error),
  });
  return { link, flows, crashes };
}

/** Closes a proxy; throws when it died before. */
export async function closeProxy({ link, crashes }: OpenProxy): Promise<void> {
  await link.close();
  if (crashes.length > 0) throw new Error('The proxy crashed', { cause: crashes[0] });
}

/** A server on loopback; half-open, so that a test sees a FIN for itself. */
export async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ server: Server; target: Endpoint }> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } };
}

/** A port that nothing listens on. */
export async function closedPort(): Promise<Endpoint> {
  const { server, target } = await listen(() => {});
  await new Promise((resolve) => server.close(resolve));
  return target;
}

export function dial(route: Pick<Route, 'host' | 'port'>): Socket {
  return connect({ host: route.host, port: route.port, noDelay: true, allowHalfOpen: true });
}

/** Bytes that follow from a seed and never repeat, so that no reordering goes unseen. */
export function seededBytes(seed: number, length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(String(seed)).digest();
}
