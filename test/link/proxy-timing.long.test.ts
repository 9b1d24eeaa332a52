import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flow } from '../../src/link/backend.ts';
import { nowUs } from '../../src/measure/clock.ts';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';
import { median } from '../../src/stats/median.ts';
import { until } from '../helpers/processes.ts';
import { closeProxy, dial, listen, openProxy, type OpenProxy } from './harness.ts';

let proxy: OpenProxy;
const servers: Server[] = [];

beforeAll(async () => {
  proxy = await openProxy();
});
afterAll(async () => {
  await closeProxy(proxy);
  for (const server of servers) server.close();
});

async function listenFor(onConnection: (socket: Socket) => void): Promise<{ host: string; port: number }> {
  const { server, target } = await listen(onConnection);
  servers.push(server);
  return target;
}

/** Milliseconds from a client's connect to what each end saw; the broker answers at once. */
async function exchange(oneWayMs: { up: number; down: number }): Promise<Record<string, number>> {
  let acceptedUs = 0;
  let firstByteUs = 0;
  let secondByteUs = 0;
  const target = await listenFor((socket) => {
    acceptedUs = nowUs();
    socket.on('data', () => {
      if (firstByteUs === 0) {
        firstByteUs = nowUs();
        socket.write('answer');
      } else {
        secondByteUs = nowUs();
        socket.end();
      }
    });
  });
  const route = await proxy.link.route(resolveLink({ oneWayMs }), target);
  const startUs = nowUs();
  const client = dial(route);
  await once(client, 'connect');
  client.write('first');
  await once(client, 'data');
  const answeredUs = nowUs();
  client.end('second');
  await once(client, 'end');
  return {
    modelledConnect: route.modelledConnectMs,
    accepted: (acceptedUs - startUs) / 1000,
    firstByte: (firstByteUs - startUs) / 1000,
    answered: (answeredUs - startUs) / 1000,
    secondByte: (secondByteUs - startUs) / 1000,
    ended: (nowUs() - startUs) / 1000,
  };
}

describe('times through the proxy', { retry: 2 }, () => {
  it('counts the trips of a TCP connection in both directions of an asymmetric link', async () => {
    const up = 60;
    const down = 20;
    const expected: Record<string, number> = {
      modelledConnect: up + down,
      accepted: up,
      firstByte: 2 * up + down,
      answered: 2 * up + 2 * down,
      secondByte: 3 * up + 2 * down,
      ended: 3 * up + 3 * down,
    };
    // The first connection meets code that nobody compiled yet.
    await exchange({ up, down });
    const runs = await Promise.all(Array.from({ length: 7 }, () => exchange({ up, down })));
    const lateMs = (event: string): number[] =>
      runs.map((run) => (run[event] ?? NaN) - (expected[event] ?? NaN));
    for (const event of Object.keys(expected)) {
      // Never early, and at best late by less than any trip: what others do on the machine only adds.
      const best = { event, lateMs: Math.min(...lateMs(event)) };
      expect(best).toSatisfy(({ lateMs }) => lateMs > -0.01 && lateMs < 10);
    }
  });

  it("keeps the client's own time between its connect and its first byte", async () => {
    const route = { at: Promise.withResolvers<number>() };
    const target = await listenFor((socket) => socket.once('data', () => route.at.resolve(nowUs())));
    const dialled = await proxy.link.route(resolveLink({ oneWayMs: 20 }), target);
    const tookMs: number[] = [];
    for (let n = 0; n < 5; n++) {
      route.at = Promise.withResolvers();
      const client = dial(dialled);
      await once(client, 'connect');
      await sleep(45);
      const writtenUs = nowUs();
      client.write('thought about it for 45 ms');
      tookMs.push(((await route.at.promise) - writtenUs) / 1000);
      client.destroy();
    }
    // A proxy that held the first byte until one round trip after the connect would have let it go at once.
    expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(3 * 20 - 0.01);
    expect(Math.min(...tookMs)).toBeLessThan(3 * 20 + 15);
  });

  it('lets a broker that speaks first be heard after two trips, and answered after three', async () => {
    let answeredUs = 0;
    const target = await listenFor((socket) => {
      socket.write('220 welcome');
      socket.once('data', () => {
        answeredUs = nowUs();
        socket.end();
      });
    });
    const route = await proxy.link.route(resolveLink({ oneWayMs: 30 }), target);
    const heardMs: number[] = [];
    const answeredMs: number[] = [];
    for (let n = 0; n < 5; n++) {
      const startUs = nowUs();
      const client = dial(route);
      await once(client, 'data');
      const heardUs = nowUs();
      client.end('EHLO');
      await once(client, 'close');
      heardMs.push((heardUs - startUs) / 1000);
      answeredMs.push((answeredUs - heardUs) / 1000);
    }
    expect(Math.min(...heardMs)).toBeGreaterThanOrEqual(60 - 0.01);
    expect(Math.min(...heardMs)).toBeLessThan(60 + 15);
    expect(Math.min(...answeredMs)).toBeGreaterThanOrEqual(30 - 0.01);
    expect(Math.min(...answeredMs)).toBeLessThan(30 + 15);
  });

  it('tells the departures of a connection as a real link would show them', async () => {
    const { up, down } = { up: 50, down: 30 };
    await sleep(200);
    const before = proxy.flows.length;
    await Promise.all(Array.from({ length: 5 }, () => exchange({ up, down })));
    const told = (): Flow[] => proxy.flows.slice(before);
    await until('the flows are told', () => told().length === 5);
    const flows = told();
    for (const flow of flows) expect(flow).toMatchObject({ bytesUp: 11, bytesDown: 6 });
    const leaves = [0, 1, 2].map((n) => {
      const flight = flows[0]?.flights[n];
      const departures = flows.map(
        ({ flights, openedUs }) => ((flights[n]?.leavesUs ?? 0) - openedUs) / 1000,
      );
      // To 10 ms, the most that the two ends may take at their best.
      return { from: flight?.from, bytes: flight?.bytes, ms: Math.floor(Math.min(...departures) / 10) * 10 };
    });
    expect(leaves).toEqual([
      { from: 'client', bytes: 5, ms: up + down },
      { from: 'broker', bytes: 6, ms: 2 * up + down },
      { from: 'client', bytes: 6, ms: 2 * up + 2 * down },
    ]);
    const [flow] = flows;
    expect(flow?.maxLateMs).toBeGreaterThan(0);
  });

  it('releases on time with 50 connections in flight', async () => {
    const { link, crashes } = await openProxy();
    const target = await listenFor((socket) => socket.pipe(socket).on('error', () => {}));
    const route = await link.route(resolveLink({ oneWayMs: 34 }), target);
    const clients: Socket[] = [];
    for (let n = 0; n < 50; n++) {
      const client = dial(route);
      client.on('data', (bytes: Buffer) => client.write(bytes));
      client.write('x'.repeat(200));
      clients.push(client);
      await sleep(1);
    }
    await sleep(3000);
    const lateness = await link.lateness();
    const usage = await link.children[0]?.usage();
    for (const client of clients) client.destroy();
    await link.close();
    expect(crashes).toEqual([]);
    // 50 connections, two releases in each round trip of 68 ms, less what the machine took.
    expect(lateness?.released).toBeGreaterThan(2000);
    // The figure to reach is 0.1 ms; a plain timer is late by 0.5 ms and more in the median. The tail is the machine's
    // as much as the proxy's: test/figures/proxy-lateness.ts prints it.
    expect(lateness?.p50Ms).toBeLessThan(0.3);
    // A clockwork that spins all the time would use all of its three seconds.
    expect(usage?.cpuSeconds).toBeLessThan(2);
  });

  it('sends a link without delay through the same path', async () => {
    const target = await listenFor((socket) => socket.pipe(socket).on('error', () => {}));
    const route = await proxy.link.route(NULL_LINK, target);
    expect(route.modelledConnectMs).toBe(0);
    const client = dial(route);
    const times: number[] = [];
    for (let n = 0; n < 50; n++) {
      const startUs = nowUs();
      client.write('x');
      await once(client, 'data');
      times.push((nowUs() - startUs) / 1000);
    }
    const port = client.localPort;
    const told = (): Flow | undefined => proxy.flows.find((flow) => flow.client.port === port);
    client.destroy();
    await until('the flow is told', () => told() !== undefined);
    expect(median(times)).toBeLessThan(3);
    expect(told()).toMatchObject({ bytesUp: 50, bytesDown: 50 });
    expect(told()?.flights).toHaveLength(32);
  });

  it('has no lateness to tell before anything was delayed', async () => {
    const { link } = await openProxy();
    expect(await link.lateness()).toBeUndefined();
    await link.close();
  });
});
