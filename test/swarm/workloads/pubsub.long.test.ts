import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeHistogram, mergeHistograms } from '../../../src/measure/histogram.ts';
import { nowUs } from '../../../src/measure/clock.ts';
import type { RunningBroker } from '../../../src/broker/broker.ts';
import { MODE_NAMES } from '../../../src/modes/index.ts';
import type { Published } from '../../../src/swarm/workloads/pubsub.protocol.ts';
import { startAedes, targetOf } from '../../helpers/broker.ts';
import { makePki, type Pki } from '../../helpers/pki.ts';
import { until } from '../../helpers/processes.ts';
import { startSwarm, type WatchedWorker } from '../../helpers/swarm.ts';
import { freePort, tcpServer } from '../../helpers/tcp.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';

const PUBLISHERS = 3;
const SUBSCRIBERS = 2;
const RATE = 20;

const newFolder = sharedFolders();
let pki: Pki;
beforeAll(async () => {
  pki = await makePki(newFolder());
});

function job(cell: number, qos: 0 | 1 | 2) {
  return {
    cell,
    seconds: 1,
    ratePerPublisher: RATE,
    publishers: Array.from({ length: PUBLISHERS }, (_, index) => ({ index, phase: index / PUBLISHERS })),
    client: 'mqttjs' as const,
    payloadBytes: 64,
    qos,
    timeoutMs: 5000,
  };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('publishers at a rate', () => {
  let broker: RunningBroker;
  let senders: WatchedWorker;
  let receivers: WatchedWorker;
  beforeAll(async () => {
    const ends: (() => Promise<void>)[] = [];
    const undo = (end: () => Promise<void>): void => void ends.push(end);
    ({ broker } = await startAedes(pki.folder, {}, undo));
    const targets = MODE_NAMES.map((mode) => targetOf(broker, mode));
    [senders, receivers] = await Promise.all([
      startSwarm(pki.folder, targets, undo),
      startSwarm(pki.folder, targets, undo),
    ]);
    return async () => {
      await Promise.all(ends.map((end) => end()));
    };
  });

  /** Publishes for a second, from now on. */
  async function publish(cell: number, qos: 0 | 1 | 2): Promise<Published> {
    await receivers.worker.call('subscribe', {
      cells: [{ cell, subscribers: SUBSCRIBERS }],
      client: 'mqttjs',
      purpose: 'messages',
      qos,
      timeoutMs: 5000,
    });
    await senders.worker.call('connectPublishers', job(cell, qos));
    const startUs = nowUs() + 100_000;
    await receivers.worker.call('expectMessages', { cell, startUs, seconds: 1 });
    return senders.worker.call('publish', { ...job(cell, qos), startUs });
  }

  it.each([
    ['plain', 0],
    ['tls13', 1],
    ['mtls12', 2],
  ] as const)('%s at QoS %d: every message arrives at every subscriber once, in time', async (mode, qos) => {
    const { cell } = targetOf(broker, mode);
    const published = await publish(cell, qos);
    let collected = await receivers.worker.call('collect', { cell });
    await until('all is delivered', async () => {
      collected = await receivers.worker.call('collect', { cell });
      return collected.received >= PUBLISHERS * RATE * SUBSCRIBERS;
    });
    await Promise.all([senders, receivers].map(({ worker }) => worker.call('disconnect', null)));
    expect(total(published.sentPerSecond)).toBe(PUBLISHERS * RATE);
    expect(published).toMatchObject({ unacknowledged: 0, unsent: 0 });
    expect(published.sentForSeconds).toBeLessThan(1.5);
    expect(published.spent.cpuSeconds).toBeGreaterThan(0);
    expect(collected.received).toBe(PUBLISHERS * RATE * SUBSCRIBERS);
    expect(total(collected.receivedPerSecond)).toBe(collected.received);
    expect(collected.receivedForSeconds).toBeLessThan(1.5);
    const endToEnd = mergeHistograms(
      collected.seconds.map(({ endToEndHdr }) => decodeHistogram(endToEndHdr)),
    );
    const service = decodeHistogram(collected.serviceHdr);
    expect(endToEnd.totalCount).toBe(collected.received);
    expect(service.totalCount).toBe(collected.received);
    // Loopback takes a millisecond or a few; from the intended time on it can only take longer.
    expect(endToEnd.getValueAtPercentile(50)).toBeGreaterThan(50);
    expect(endToEnd.getValueAtPercentile(50)).toBeLessThan(500_000);
    expect(service.mean).toBeLessThanOrEqual(endToEnd.mean + 1);
    expect([...senders.lost, ...receivers.lost]).toEqual([]);
  });
});

describe('who cannot keep up with what is asked', () => {
  it.each([
    ['mqttjs', 200_000],
    ['lean', 400_000],
  ] as const)('%s: needs longer, and its rate is over that longer time', async (client, asked) => {
    const { broker } = await startAedes(pki.folder, { modes: ['plain'] });
    const target = targetOf(broker, 'plain');
    const { worker } = await startSwarm(pki.folder, [target]);
    await worker.call('subscribe', {
      cells: [{ cell: target.cell, subscribers: 1 }],
      client,
      purpose: 'messages',
      qos: 0,
      timeoutMs: 5000,
    });
    const load = { ...job(target.cell, 0), client, ratePerPublisher: asked / PUBLISHERS, timeoutMs: 30_000 };
    await worker.call('connectPublishers', load);
    const startUs = nowUs();
    await worker.call('expectMessages', { cell: target.cell, startUs, seconds: 1 });
    const published = await worker.call('publish', { ...load, startUs });
    const sent = total(published.sentPerSecond);
    expect(sent).toBeGreaterThan(asked - PUBLISHERS);
    expect(published.sentForSeconds).toBeGreaterThan(1.2);
    expect(published.sentPerSecond[0]).toBeLessThan(0.9 * asked);
    expect(published.lateSends).toBeGreaterThan(0.5 * sent);
    let collected = await worker.call('collect', { cell: target.cell });
    await until(
      'all is delivered',
      async () => {
        collected = await worker.call('collect', { cell: target.cell });
        return collected.received === sent;
      },
      30_000,
    );
    expect(collected.receivedForSeconds).toBeGreaterThan(1.2);
    expect(total(collected.receivedPerSecond)).toBe(sent);
  });
});

describe('a load that is cut short', () => {
  it('is over what was due until then', async () => {
    const { broker } = await startAedes(pki.folder, { modes: ['plain'] });
    const target = targetOf(broker, 'plain');
    const { worker } = await startSwarm(pki.folder, [target]);
    const load = { ...job(target.cell, 0), seconds: 20 };
    await worker.call('connectPublishers', load);
    const publishing = worker.call('publish', { ...load, startUs: nowUs() });
    await sleep(1500);
    await worker.call('cancel', { reason: 'interrupted', detail: 'by the test' });
    const { sentPerSecond, sentForSeconds, unsent } = await publishing;
    expect(sentForSeconds).toBeGreaterThan(1.4);
    expect(sentForSeconds).toBeLessThan(4);
    expect(sentPerSecond.length).toBe(Math.ceil(sentForSeconds));
    const perSecond = total(sentPerSecond) / sentForSeconds;
    expect(Math.abs(perSecond / (PUBLISHERS * RATE) - 1)).toBeLessThan(0.1);
    expect(unsent).toBe(0);
  });
});

describe('a broker that dies under standing clients', () => {
  it('is told for each of them, and what is sent then does not arrive', async () => {
    const { broker } = await startAedes(pki.folder, { modes: ['plain'] });
    const target = targetOf(broker, 'plain');
    const swarm = await startSwarm(pki.folder, [target]);
    await swarm.worker.call('subscribe', {
      cells: [{ cell: target.cell, subscribers: SUBSCRIBERS }],
      client: 'mqttjs',
      purpose: 'messages',
      qos: 1,
      timeoutMs: 5000,
    });
    await swarm.worker.call('connectPublishers', job(target.cell, 1));
    await broker.stop();
    await until('all are told', () => swarm.lost.length >= SUBSCRIBERS + PUBLISHERS);
    expect(swarm.lost).toHaveLength(SUBSCRIBERS + PUBLISHERS);
    const published = await swarm.worker.call('publish', {
      ...job(target.cell, 1),
      startUs: nowUs(),
      timeoutMs: 200,
    });
    expect(published).toMatchObject({
      unacknowledged: PUBLISHERS * RATE,
      unsent: PUBLISHERS * RATE,
      sentPerSecond: [0],
    });
    expect(swarm.crashes).toEqual([]);
  });
});

describe('a broker that never acknowledges, and hangs up', () => {
  it('leaves all messages unacknowledged, and nobody waits for what can no longer come', async () => {
    const sockets: Socket[] = [];
    const port = await tcpServer((socket) => {
      sockets.push(socket);
      socket.once('data', () =>
        socket.write(generate({ cmd: 'connack', returnCode: 0, sessionPresent: false })),
      );
    });
    const target = { cell: 0, mode: 'plain', host: '127.0.0.1', port, modelledConnectMs: 0 };
    const { worker, lost } = await startSwarm(pki.folder, [target]);
    const patient = { ...job(0, 1), timeoutMs: 20_000 };
    await worker.call('connectPublishers', patient);
    setTimeout(() => sockets.forEach((socket) => socket.destroy()), 500);
    const startMs = performance.now();
    const published = await worker.call('publish', { ...patient, startUs: nowUs() });
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(published.unacknowledged).toBe(PUBLISHERS * RATE);
    expect(total(published.sentPerSecond) + published.unsent).toBe(PUBLISHERS * RATE);
    expect(published.unsent).toBeGreaterThan(0);
    expect(lost).toHaveLength(PUBLISHERS);
  });
});

describe('standing clients that cannot connect', () => {
  it('are an error that names the mode and the reason', async () => {
    const target = {
      cell: 0,
      mode: 'tls13',
      host: '127.0.0.1',
      port: await freePort(),
      modelledConnectMs: 0,
    };
    const { worker } = await startSwarm(pki.folder, [target]);
    const refused = (who: RegExp) => ({
      name: 'BenchError',
      exitCode: 5,
      message: expect.stringMatching(who) as unknown,
    });
    await expect(
      worker.call('subscribe', {
        cells: [{ cell: 0, subscribers: 1 }],
        client: 'mqttjs',
        purpose: 'messages',
        qos: 0,
        timeoutMs: 5000,
      }),
    ).rejects.toMatchObject(refused(/subscriber could not connect with mode tls13: tcp-refused/));
    await expect(worker.call('connectPublishers', job(0, 0))).rejects.toMatchObject(
      refused(/Publisher \d could not connect with mode tls13: tcp-refused/),
    );
  });

  it('a cell that nobody prepared is a defect, not a crash', async () => {
    const { worker, crashes } = await startSwarm(pki.folder, []);
    await expect(worker.call('collect', { cell: 3 })).rejects.toThrow(/Cell 3 collects nothing/);
    await expect(worker.call('connectPublishers', job(3, 0))).rejects.toThrow(/Cell 3 was not prepared/);
    expect(crashes).toEqual([]);
  });
});
