import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Flow } from '../../src/link/backend.ts';
import { resolveLink, type LinkInput } from '../../src/link/spec.ts';
import { until } from '../helpers/processes.ts';
import { closeProxy, dial, listen, openProxy, seededBytes, type OpenProxy } from './harness.ts';

let proxy: OpenProxy;
const servers: Server[] = [];

beforeAll(async () => {
  proxy = await openProxy();
});
afterAll(async () => {
  await closeProxy(proxy);
  for (const server of servers) server.close();
});

/** What one end of a connection sends: chunks with pauses between them, then FIN. */
interface Speech {
  seed: number;
  chunks: { bytes: number; pauseMs: number }[];
}

const speech: fc.Arbitrary<Speech> = fc.record({
  seed: fc.nat(),
  chunks: fc.array(
    fc.record({
      bytes: fc.oneof(
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 17, max: 3000 }),
        fc.integer({ min: 3001, max: 70_000 }),
      ),
      pauseMs: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 6 },
  ),
});

describe('the stream proxy', () => {
  it('changes and reorders not one byte over 1,000 connections, in either direction', async () => {
    let connections = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({ up: fc.integer({ min: 0, max: 4 }), down: fc.integer({ min: 0, max: 4 }) }),
        fc.array(fc.record({ client: speech, broker: speech }), { minLength: 50, maxLength: 50 }),
        async (oneWayMs, talks) => {
          connections += talks.length;
          await talkOver({ oneWayMs }, talks);
        },
      ),
      // What fails depends on timing: a smaller case found by trying again would prove nothing.
      { numRuns: 20, endOnFailure: true },
    );
    expect(connections).toBe(1000);
  });

  it('changes and reorders nothing where packets are lost, late and queued', async () => {
    const rough: LinkInput = { oneWayMs: 3, jitterMs: 2, loss: 0.05, rateKbit: 20_000 };
    const [talks = []] = fc.sample(
      fc.array(fc.record({ client: speech, broker: speech }), { minLength: 40, maxLength: 40 }),
      { numRuns: 1, seed: 11 },
    );
    const { id } = resolveLink(rough);
    await talkOver(rough, talks);
    const told = (): Flow[] => proxy.flows.filter(({ linkId }) => linkId === id);
    await until('the flows are told', () => told().length === talks.length);
    expect(Math.max(...told().map(({ retransmitted = 0 }) => retransmitted))).toBeGreaterThan(0);
    const { up, down } = (await proxy.link.traffic()).get(id) ?? {};
    for (const way of [up, down]) {
      const { packets = 0, lost = 0 } = way ?? {};
      expect(packets).toBeGreaterThan(1000);
      expect(lost / packets).toBeCloseTo(0.05, 1);
    }
  });

  it('holds a sender back when the receiver does not read, and loses nothing by it', async () => {
    const total = 192 * 1024 * 1024;
    const block = seededBytes(7, 256 * 1024);
    const sent = createHash('sha256');
    const received = createHash('sha256');
    const accepted = Promise.withResolvers<Socket>();
    const { server, target } = await listen((socket) => accepted.resolve(socket.pause()));
    servers.push(server);
    const client = dial(await proxy.link.route(resolveLink({ oneWayMs: 5 }), target));
    const blocks = function* (): Generator<Buffer> {
      for (let n = 0; n < total / block.length; n++) {
        block.writeUInt32LE(n);
        const copy = Buffer.from(block);
        sent.update(copy);
        yield copy;
      }
    };
    const sending = pipeline(Readable.from(blocks(), { objectMode: false }), client);
    const broker = await accepted.promise;
    let before = -1;
    while (before !== client.bytesWritten) {
      before = client.bytesWritten;
      await sleep(300);
    }
    // Both kernels' socket buffers, the proxy's bound, and what the client's own stream holds.
    expect(client.bytesWritten).toBeGreaterThan(4 * 1024 * 1024);
    expect(client.bytesWritten).toBeLessThan(64 * 1024 * 1024);

    let count = 0;
    broker.on('data', (bytes: Buffer) => {
      count += bytes.length;
      received.update(bytes);
    });
    broker.resume().end();
    await Promise.all([sending, once(broker, 'end')]);
    expect(count).toBe(total);
    expect(received.digest('hex')).toBe(sent.digest('hex'));
    const { maxRssBytes } = (await proxy.link.children[0]?.usage()) ?? { maxRssBytes: NaN };
    expect(maxRssBytes).toBeLessThan(300e6);
  });

  it('passes a reset on behind the data, also to a receiver that reads late', async () => {
    const accepted = Promise.withResolvers<Socket>();
    const { server, target } = await listen((socket) => accepted.resolve(socket.pause()));
    servers.push(server);
    const client = dial(await proxy.link.route(resolveLink({ oneWayMs: 5 }), target));
    client.on('error', () => {});
    client.write(seededBytes(1, 32 * 1024 * 1024));
    const broker = await accepted.promise;
    // As much as fits has left; the client's kernel forgets the rest when it resets.
    let waiting = -1;
    while (waiting !== client.writableLength) {
      waiting = client.writableLength;
      await sleep(200);
    }
    const flowsBefore = proxy.flows.length;
    client.resetAndDestroy();
    await sleep(50);
    let heard = 0;
    broker.on('data', (bytes: Buffer) => (heard += bytes.length)).resume();
    const [error] = (await once(broker, 'error')) as [NodeJS.ErrnoException];
    expect(heard).toBeGreaterThan(1024 * 1024);
    expect(error.code).toBe('ECONNRESET');
    await until('the flow is told', () => proxy.flows.length > flowsBefore);
  });
});

/** Holds all talks at once over one link and checks what each end heard. */
async function talkOver(link: LinkInput, talks: { client: Speech; broker: Speech }[]): Promise<void> {
  const brokerEnds: Promise<Heard>[] = [];
  const { server, target } = await listen((socket) => {
    const n = brokerEnds.length;
    brokerEnds.push(talk(socket, n, talks[n]?.broker));
  });
  const route = await proxy.link.route(resolveLink(link), target);
  const clientEnds = talks.map(({ client }, n) => talk(dial(route), n, client));
  const heardByClients = await Promise.all(clientEnds);
  const heardByBrokers = await Promise.all(brokerEnds);
  server.close();
  expect(heardByBrokers).toHaveLength(talks.length);
  for (const heard of heardByClients) expectSaid(heard, talks[heard.from]?.broker);
  for (const heard of heardByBrokers) expectSaid(heard, talks[heard.from]?.client);
  expect(new Set(heardByClients.map(({ from }) => from)).size).toBe(talks.length);
}

interface Heard {
  /** Which talk the other end belongs to; the broker counts in the order of its accepts. */
  from: number;
  bytes: Buffer;
}

async function talk(socket: Socket, n: number, said: Speech | undefined): Promise<Heard> {
  const heard: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => heard.push(bytes));
  const ended = once(socket, 'end');
  const header = Buffer.alloc(4);
  header.writeUInt32LE(n);
  socket.write(header);
  const content = contentOf(said);
  let offset = 0;
  for (const { bytes, pauseMs } of said?.chunks ?? []) {
    socket.write(content.subarray(offset, offset + bytes));
    offset += bytes;
    if (pauseMs > 0) await sleep(pauseMs);
  }
  socket.end();
  await ended;
  const all = Buffer.concat(heard);
  return { from: all.readUInt32LE(0), bytes: all.subarray(4) };
}

function contentOf(said: Speech | undefined): Buffer {
  const length = (said?.chunks ?? []).reduce((sum, { bytes }) => sum + bytes, 0);
  return length === 0 ? Buffer.alloc(0) : seededBytes(said?.seed ?? 0, length);
}

function expectSaid(heard: Heard, said: Speech | undefined): void {
  const content = contentOf(said);
  expect(heard.bytes.length).toBe(content.length);
  expect(heard.bytes.equals(content)).toBe(true);
}
