import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nowUs } from '../../src/measure/clock.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { until } from '../helpers/processes.ts';
import { closedPort, closeProxy, dial, listen, openProxy, type OpenProxy } from './harness.ts';

const ONE_WAY_MS = 40;
const LINK = resolveLink({ oneWayMs: ONE_WAY_MS });

let proxy: OpenProxy;
const servers: Server[] = [];

beforeEach(async () => {
  proxy = await openProxy();
});
afterEach(async () => {
  await closeProxy(proxy);
  for (const server of servers.splice(0)) server.close();
});

/** A connection over the link, both ends in hand, after a byte went to and fro. */
async function connected(): Promise<{ client: Socket; broker: Socket }> {
  const accepted = Promise.withResolvers<Socket>();
  const { server, target } = await listen((socket) => accepted.resolve(socket));
  servers.push(server);
  const client = dial(await proxy.link.route(LINK, target));
  client.write('?');
  const broker = await accepted.promise;
  await once(broker, 'data');
  broker.write('!');
  await once(client, 'data');
  return { client, broker };
}

/** Whole trips until something happens. */
async function tripsUntil(event: Promise<unknown>): Promise<number> {
  const startUs = nowUs();
  await event;
  return Math.floor((nowUs() - startUs) / 1000 / ONE_WAY_MS);
}

describe('ends of a connection through the proxy', { retry: 2 }, () => {
  it('passes a half-close on and keeps the other direction open', async () => {
    const { client, broker } = await connected();
    client.end('request');
    const asked = await heardUntilEnd(broker);
    expect(asked).toBe('request');
    await sleep(20);
    broker.end('answer after the end of the request');
    expect(await heardUntilEnd(client)).toBe('answer after the end of the request');
    await until('the flow is told', () => proxy.flows.length === 1);
  });

  it('passes a FIN on after the delay', async () => {
    const { client, broker } = await connected();
    client.end();
    broker.resume();
    expect(await tripsUntil(once(broker, 'end'))).toBe(1);
  });

  it.each([
    ['the client', 'the broker'],
    ['the broker', 'the client'],
  ])('passes a reset by %s on to %s, after the data and the delay', async (from) => {
    const { client, broker } = await connected();
    const [sender, receiver] = from === 'the client' ? [client, broker] : [broker, client];
    let heard = '';
    receiver.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    sender.write('last words');
    await sleep(10);
    sender.resetAndDestroy();
    const [error] = (await once(receiver, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(heard).toBe('last words');
    await until('the flow is told', () => proxy.flows.length === 1);
  });

  it('delays a reset like anything else', async () => {
    const { client, broker } = await connected();
    client.resetAndDestroy();
    broker.resume();
    expect(await tripsUntil(once(broker, 'error'))).toBe(1);
  });

  it('resets the client after one round trip when the broker refuses', async () => {
    const route = await proxy.link.route(LINK, await closedPort());
    const client = dial(route);
    client.write('hello');
    const failed = once(client, 'error') as Promise<[NodeJS.ErrnoException]>;
    expect(await tripsUntil(failed)).toBe(2);
    expect((await failed)[0].code).toBe('ECONNRESET');
    await until('the flow is told', () => proxy.flows.length === 1);
    // Refused, the client's TCP never had a connection to send its bytes on.
    expect(proxy.flows[0]).toMatchObject({ bytesUp: 0, bytesDown: 0, linkId: '40ms' });
  });

  it('resets a client that goes on sending to a broker that is gone', async () => {
    const { client, broker } = await connected();
    broker.destroy();
    await once(client.resume(), 'end');
    // A socket whose peer has closed is not read, so the reset shows at the next write.
    client.write('anybody there?');
    await sleep(3 * ONE_WAY_MS);
    client.write('anybody?');
    const failed = once(client, 'error') as Promise<[NodeJS.ErrnoException]>;
    expect(await tripsUntil(failed)).toBe(0);
    expect(['ECONNRESET', 'EPIPE']).toContain((await failed)[0].code);
    await until('the flow is told', () => proxy.flows.length === 1);
  });

  it('tells the flows of connections that are still open when it is closed', async () => {
    const { client } = await connected();
    client.on('error', () => {});
    await proxy.link.close();
    expect(proxy.flows).toHaveLength(1);
    expect(proxy.flows[0]?.client.port).toBe(client.localPort);
  });
});

async function heardUntilEnd(socket: Socket): Promise<string> {
  let heard = '';
  socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
  await once(socket, 'end');
  return heard;
}
