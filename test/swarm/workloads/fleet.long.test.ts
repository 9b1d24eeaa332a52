import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { decodeHistogram } from '../../../src/measure/histogram.ts';
import { nowUs } from '../../../src/measure/clock.ts';
import { MODE_NAMES, modeNamed } from '../../../src/modes/index.ts';
import { createPki } from '../../../src/pki/create.ts';
import type { TargetInput } from '../../../src/swarm/targets.ts';
import type { FleetJob } from '../../../src/swarm/workloads/fleet.protocol.ts';
import type { Stormed } from '../../../src/swarm/workloads/storm.protocol.ts';
import { startAedes, targetOf, type WatchedBroker } from '../../helpers/broker.ts';
import { startSwarm, type WatchedWorker } from '../../helpers/swarm.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';

const newFolder = sharedFolders();
const MODES = ['plain', 'tls13', 'tls13-resumed'];

let folder: string;
let watched: WatchedBroker;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = newFolder();
  await createPki(
    folder,
    MODE_NAMES.map((mode) => modeNamed(mode).needs),
  );
  watched = await startAedes(folder, { modes: MODES }, (end) => ends.push(end));
});
afterAll(() => Promise.all(ends.map((end) => end())));

function job(target: TargetInput, changes: Partial<FleetJob> = {}): FleetJob {
  return {
    cell: target.cell,
    client: 'lean',
    clients: 20,
    processes: 1,
    first: 0,
    sources: [],
    attemptTimeoutMs: 5000,
    keepAliveSeconds: 0,
    ...changes,
  };
}

async function stormOn(
  { worker }: WatchedWorker,
  target: TargetInput,
  changes: Partial<FleetJob> & { retryMs?: number; connectionsPerSecond?: number; timeoutMs?: number } = {},
): Promise<Stormed & { startUs: number }> {
  const { retryMs, timeoutMs = 10_000, ...rest } = changes;
  await worker.call('openStorm', {
    ...job(target, rest),
    timeoutMs,
    mayBeFull: false,
    ...(retryMs === undefined ? {} : { retry: { ms: retryMs, jitter: 0, seed: 1 } }),
  });
  const startUs = nowUs() + 200_000;
  return { ...(await worker.call('storm', { cell: target.cell, startUs })), startUs };
}

/** A server that is told of every connection, which are numbered from 1, and where clients find it. */
async function listening(onSocket: (socket: Socket, number: number) => void): Promise<TargetInput> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => onSocket(socket, sockets.push(socket.on('error', () => {}))));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { cell: 0, mode: 'plain', modelledConnectMs: 0, host: '127.0.0.1', port };
}

/** The same, and it accepts every CONNECT. */
function answering(onSocket: (socket: Socket, number: number) => void): Promise<TargetInput> {
  return listening((socket, number) => {
    onSocket(socket, number);
    socket.on('data', (bytes: Buffer) => {
      if (bytes[0] === 0x10) socket.write(Buffer.of(0x20, 2, 0, 0));
    });
  });
}

function countOf(hdr: string): number {
  return decodeHistogram(hdr).totalCount;
}

describe('a storm', () => {
  it.each([
    ['plain', 'lean', false],
    ['tls13', 'lean', false],
    ['tls13', 'mqttjs', false],
    ['tls13-resumed', 'lean', true],
  ] as const)('of %s by %s clients connects everyone, and times each', async (mode, client, resumes) => {
    const target = targetOf(watched.broker, mode);
    const swarm = await startSwarm(folder, [target]);
    const { worker } = swarm;
    if (resumes)
      await worker.call('prime', { cell: target.cell, count: 20, perSecond: 100, timeoutMs: 5000 });
    const storm = await stormOn(swarm, target, { client });
    expect(storm).toMatchObject({
      clients: 20,
      connected: 20,
      good: 20,
      attempts: 20,
      resumed: resumes ? 20 : 0,
    });
    expect(storm.reasons).toEqual({});
    expect([storm.connectingHdr, storm.serviceHdr, storm.tcpHdr].map(countOf)).toEqual([20, 20, 20]);
    // The last one is the slowest of those that were all to start at once.
    const slowestUs = decodeHistogram(storm.connectingHdr).maxValue;
    expect((storm.lastConnackUs ?? 0) - storm.startUs).toBeGreaterThan(0.99 * slowestUs);
    expect((storm.lastConnackUs ?? 0) - storm.startUs).toBeLessThan(1.01 * slowestUs);
    expect(storm.negotiated).toHaveLength(1);
    expect(storm.negotiated[0]).toMatchObject({ count: 20 });
    await worker.call('disconnect', null);
  });

  it('that has fewer sessions than clients excludes who could not resume, by name', async () => {
    const target = targetOf(watched.broker, 'tls13-resumed');
    const swarm = await startSwarm(folder, [target]);
    await swarm.worker.call('prime', { cell: target.cell, count: 8, perSecond: 100, timeoutMs: 5000 });
    const storm = await stormOn(swarm, target);
    expect(storm).toMatchObject({
      connected: 20,
      good: storm.resumed,
      reasons: { 'mismatch:client.resumed': 20 - storm.resumed },
    });
    expect(storm.resumed).toBeGreaterThanOrEqual(8);
    expect(storm.resumed).toBeLessThan(20);
    expect(countOf(storm.connectingHdr)).toBe(storm.resumed);
  });

  it('shared by processes has each client once, from the address that it was given', async () => {
    const identifiers: string[] = [];
    const addresses: string[] = [];
    const target = await answering((socket) => {
      addresses.push(socket.remoteAddress ?? '');
      socket.once('data', (connect: Buffer) => identifiers.push(connect.subarray(14).toString()));
    });
    const swarms = await Promise.all([startSwarm(folder, [target]), startSwarm(folder, [target])]);
    const sources = ['127.0.7.1', '127.0.7.2'];
    const storms = await Promise.all(
      swarms.map((swarm, first) => stormOn(swarm, target, { clients: 11, processes: 2, first, sources })),
    );
    expect(storms.map(({ connected }) => connected)).toEqual([6, 5]);
    expect(identifiers.toSorted()).toEqual(
      Array.from({ length: 11 }, (_, index) => `r0-${index}`).toSorted(),
    );
    expect(addresses.toSorted()).toEqual([...Array(6).fill(sources[0]), ...Array(5).fill(sources[1])]);
  });

  it('at a rate starts one after another; who starts late is counted', async () => {
    const target = targetOf(watched.broker, 'plain');
    const swarm = await startSwarm(folder, [target]);
    const paced = await stormOn(swarm, target, { connectionsPerSecond: 50 });
    expect((paced.lastConnackUs ?? 0) - paced.startUs).toBeGreaterThan(19 * 20_000);
    await swarm.worker.call('disconnect', null);
    // More than a process can start within 10 ms of their one intended time.
    const many = await stormOn(swarm, target, { clients: 1500 });
    expect([many.connected, many.reasons]).toEqual([1500, {}]);
    expect(many.lateStarts).toBeGreaterThan(200);
    // Of the time from the intended start that is a part, of the service time it is not.
    const [connecting, service] = [many.connectingHdr, many.serviceHdr].map(
      (hdr) => decodeHistogram(hdr).mean,
    );
    expect(connecting).toBeGreaterThan(service ?? Infinity);
  });
});

describe('where nobody listens', () => {
  const nowhere: TargetInput = { cell: 0, mode: 'plain', modelledConnectMs: 0, host: '127.0.0.1', port: 9 };

  it('every client has failed after one attempt, with the reason', async () => {
    const storm = await stormOn(await startSwarm(folder, [nowhere]), nowhere);
    expect(storm).toMatchObject({ clients: 20, connected: 0, attempts: 20, reasons: { 'tcp-refused': 20 } });
    expect(storm.lastConnackUs).toBeUndefined();
  });

  it('who may try again does until the time is up, and every attempt is counted', async () => {
    const given = { clients: 4, retryMs: 100, timeoutMs: 1000 };
    const storm = await stormOn(await startSwarm(folder, [nowhere]), nowhere, given);
    expect(storm.connected).toBe(0);
    expect(Object.values(storm.reasons).reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(Object.keys(storm.reasons)).toContain('tcp-refused');
    expect(storm.attempts).toBeGreaterThan(4 * 5);
    expect(storm.attempts).toBeLessThanOrEqual(4 * 11);
  });
});

test('a client that is answered with nothing has failed by its own time limit, and one that the broker drops too', async () => {
  const target = await listening((socket, number) => {
    if (number % 2 === 0) socket.destroy();
  });
  const storm = await stormOn(await startSwarm(folder, [target]), target, {
    clients: 10,
    attemptTimeoutMs: 400,
  });
  const { timeout = 0, ...others } = storm.reasons;
  expect(timeout).toBe(5);
  expect(Object.values(others).reduce((sum, count) => sum + count, 0)).toBe(5);
  expect(Object.keys(others).every((reason) => ['tcp-reset', 'closed-by-broker'].includes(reason))).toBe(
    true,
  );
});

test('a storm that is cancelled says of each client why it did not come', async () => {
  const target = targetOf(watched.broker, 'plain');
  const { worker } = await startSwarm(folder, [target]);
  await worker.call('openStorm', {
    ...job(target, { clients: 100 }),
    connectionsPerSecond: 10,
    timeoutMs: 10_000,
    mayBeFull: false,
  });
  const storming = worker.call('storm', { cell: target.cell, startUs: nowUs() });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await worker.call('cancel', { reason: 'interrupted', detail: 'The run was interrupted.' });
  const { connected, reasons, clients } = await storming;
  expect(connected).toBeGreaterThan(1);
  expect(connected).toBeLessThan(clients);
  expect(reasons).toEqual({ interrupted: clients - connected });
});

describe('a fleet that is held', () => {
  it('pings by its keep-alive, is answered, and takes memory', async () => {
    const target = targetOf(watched.broker, 'tls13');
    const { worker } = await startSwarm(folder, [target]);
    const opened = await worker.call('openHold', {
      ...job(target, { clients: 100, keepAliveSeconds: 2 }),
      startUs: nowUs() + 300_000,
      connectionsPerSecond: 200,
      pingTimeoutMs: 1900,
    });
    expect([opened.reasons, opened.negotiated.length]).toEqual([{}, 1]);
    expect(opened).toMatchObject({ clients: 100, connected: 100, good: 100 });
    const perClient = (opened.rssBytes.after - opened.rssBytes.before) / 100;
    expect(perClient).toBeGreaterThan(15_000);
    expect(perClient).toBeLessThan(400_000);
    const held = await worker.call('hold', { cell: target.cell, startUs: nowUs() + 50_000, seconds: 4 });
    expect([held.held, held.reasons]).toEqual([100, {}]);
    // Each twice, give or take those at the edges.
    expect(Math.abs(held.pings.due - 200)).toBeLessThan(20);
    expect(held.pings.answered).toBe(held.pings.due);
    expect(countOf(held.roundTripHdr)).toBe(held.pings.answered);
    expect(held.spent.seconds).toBeGreaterThan(3.9);
    expect(held.spent.cpuSeconds).toBeGreaterThan(0);
    await worker.call('disconnect', null);
  });

  it('counts who was lost, by the broker or for want of PINGRESP', async () => {
    // Answers CONNECT; of clients with odd numbers no ping, and the others' connections it ends after a while.
    const even: Socket[] = [];
    const target = await answering((socket, number) => {
      if (number % 2 === 1) return;
      even.push(socket);
      socket.on('data', (bytes: Buffer) => {
        if (bytes[0] === 0xc0) socket.write(Buffer.of(0xd0, 0));
      });
    });
    const { worker } = await startSwarm(folder, [target]);
    const opened = await worker.call('openHold', {
      ...job(target, { clients: 10, keepAliveSeconds: 4 }),
      startUs: nowUs() + 200_000,
      connectionsPerSecond: 100,
      pingTimeoutMs: 2000,
    });
    expect(opened.connected).toBe(10);
    const holding = worker.call('hold', { cell: 0, startUs: nowUs(), seconds: 6 });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    for (const socket of even.slice(0, 2)) socket.end();
    const held = await holding;
    expect(held.held).toBe(3);
    expect(held.reasons).toEqual({ 'lost:no-pingresp': 5, 'lost:closed-by-broker': 2 });
    expect(held.pings.answered).toBeLessThan(held.pings.due);
  });
});

test('gathering sessions for a large fleet ends when the run is cancelled', async () => {
  const target = targetOf(watched.broker, 'tls13-resumed');
  const { worker } = await startSwarm(folder, [target]);
  const startedMs = performance.now();
  const priming = worker.call('prime', { cell: target.cell, count: 1000, perSecond: 20, timeoutMs: 5000 });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await worker.call('cancel', { reason: 'interrupted', detail: 'The run was interrupted.' });
  const { sessions } = await priming;
  expect(sessions).toBeGreaterThan(0);
  expect(sessions).toBeLessThan(500);
  // At that rate the rest would have taken half a minute.
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});
