import { once } from 'node:events';
import type { Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flow } from '../../src/link/backend.ts';
import { resolveLink, type LinkSpec } from '../../src/link/spec.ts';
import { nowUs } from '../../src/measure/clock.ts';
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

const SEGMENT_BYTES = 1448;
const HEADER_BYTES = 52;

/** What a transfer puts on the wire, in bits. */
const bits = (bytes: number): number => 8 * (bytes + HEADER_BYTES * Math.ceil(bytes / SEGMENT_BYTES));

/** Answers every request with so many bytes; milliseconds from each connect to the last byte. */
async function download(link: LinkSpec, bytes: number, atOnce = 1): Promise<number[]> {
  const { server, target } = await listen((socket) =>
    socket.on('error', () => {}).once('data', () => socket.end(Buffer.alloc(bytes))),
  );
  servers.push(server);
  const route = await proxy.link.route(link, target);
  return Promise.all(
    Array.from({ length: atOnce }, async () => {
      const startUs = nowUs();
      const client = dial(route);
      let got = 0;
      let lastUs = startUs;
      client.on('data', (part: Buffer) => {
        got += part.length;
        lastUs = nowUs();
      });
      client.write('?');
      await once(client, 'end');
      expect(got).toBe(bytes);
      client.end();
      return (lastUs - startUs) / 1000;
    }),
  );
}

describe('a link of the proxy', { retry: 2 }, () => {
  it('needs a further round trip for what the initial window does not hold, and one more for three times as much', async () => {
    const link = resolveLink({ name: 'window', oneWayMs: 40 });
    for (const [segments, trips] of [
      [10, 4],
      [11, 6],
      [30, 6],
      [31, 8],
    ] as const) {
      const tookMs = Math.min(...(await download(link, segments * SEGMENT_BYTES, 3)));
      expect({ segments, tookMs }).toSatisfy(() => Math.floor(tookMs / 40) === trips);
    }
  });

  it('sends at its rate, headers included, the handshake too', async () => {
    const link = resolveLink({ name: 'slow', oneWayMs: 10, rateKbit: { up: 1000, down: 400 } });
    const { port } = await proxy.link.route(link, { host: '127.0.0.1', port: 9 });
    expect(port).toBeGreaterThan(0);
    const [tookMs = NaN] = await download(link, 40_000);
    // SYN up, SYN-ACK down, the request behind the handshake's acknowledgement up, and the answer, which fills the link.
    const expectedMs = 4 * 10 + (480 + 424 + 416) / 1000 + (480 + bits(40_000)) / 400;
    expect(tookMs).toBeGreaterThan(expectedMs - 0.01);
    expect(tookMs).toBeLessThan(expectedMs + 20);
  });

  it('says what its modelled handshake takes', async () => {
    const link = resolveLink({ oneWayMs: { up: 30, down: 20 }, rateKbit: { up: 48, down: 96 } });
    const { modelledConnectMs } = await proxy.link.route(link, { host: '127.0.0.1', port: 9 });
    expect(modelledConnectMs).toBeCloseTo(30 + 480 / 48 + 20 + 480 / 96, 9);
  });

  it('is one bottleneck for all its connections', async () => {
    const link = resolveLink({ name: 'shared', oneWayMs: 10, rateKbit: 800 });
    const [alone = NaN] = await download(link, 30_000);
    const both = await download(link, 30_000, 2);
    const fullMs = bits(30_000) / 800;
    expect(alone).toBeLessThan(fullMs + 80);
    expect(Math.max(...both)).toBeGreaterThan(2 * fullMs);
    expect(Math.max(...both)).toBeLessThan(2 * fullMs + 80);
  });

  it('makes a client wait for a lost SYN as Linux does, and tells how long', async () => {
    const link = resolveLink({ name: 'deaf', oneWayMs: 5, loss: { up: 0.3, down: 0 } });
    const tookMs = await download(link, 10, 40);
    const told = (): Flow[] => proxy.flows.filter(({ linkId }) => linkId === 'deaf');
    await until('the flows are told', () => told().length >= 40);
    const flows = told().slice(-40);
    for (const { modelledConnectMs = NaN, retransmitted } of flows) {
      // Whole seconds, which is how the SYNs of Linux follow each other (tcp_syn_linear_timeouts), and two trips.
      expect(modelledConnectMs % 1000).toBeCloseTo(10, 3);
      expect(retransmitted).toBeGreaterThanOrEqual(Math.floor(modelledConnectMs / 1000));
    }
    // 12 are to be expected, with a standard deviation of 2.9.
    const late = flows.filter(({ modelledConnectMs = 0 }) => modelledConnectMs > 1000).length;
    expect(late).toBeGreaterThan(2);
    expect(late).toBeLessThan(25);
    expect(tookMs.filter((ms) => ms > 1000).length).toBeGreaterThanOrEqual(late);
  }, 30_000);

  it('counts what entered it and what was lost', async () => {
    const link = resolveLink({ name: 'counted', oneWayMs: 1 });
    await download(link, 3 * SEGMENT_BYTES);
    const { up, down } = (await proxy.link.traffic()).get('counted') ?? {};
    // SYN-ACK, the request's acknowledgement, three segments, FIN.
    expect(down).toMatchObject({ lost: 0, overflowed: 0 });
    expect(down?.packets).toBeGreaterThanOrEqual(5);
    expect(down?.packets).toBeLessThanOrEqual(8);
    expect(up?.packets).toBeGreaterThanOrEqual(4);
    expect(up?.packets).toBeLessThanOrEqual(10);
  });
});
