import { beforeAll, expect, test } from 'vitest';
import { nowUs } from '../../../src/measure/clock.ts';
import type { RunningBroker } from '../../../src/broker/broker.ts';
import { createPayloadKeys } from '../../../src/payload/folder.ts';
import { methodNamed } from '../../../src/payload/index.ts';
import type { Opening } from '../../../src/payload/opening.ts';
import { topicOf } from '../../../src/swarm/names.ts';
import { startAedes, targetOf } from '../../helpers/broker.ts';
import { makePki, type Pki } from '../../helpers/pki.ts';
import { until } from '../../helpers/processes.ts';
import { startSwarm, type WatchedWorker } from '../../helpers/swarm.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';

const PUBLISHERS = 2;
const SENT = 40;
const newFolder = sharedFolders();
let pki: Pki;
let broker: RunningBroker;
let senders: WatchedWorker;
let receivers: WatchedWorker;

beforeAll(async () => {
  const ends: (() => Promise<void>)[] = [];
  const undo = (end: () => Promise<void>): void => void ends.push(end);
  pki = await makePki(newFolder());
  ({ broker } = await startAedes(pki.folder, { modes: ['plain', 'tls13'] }, undo));
  const targets = ['plain', 'tls13'].map((mode) => targetOf(broker, mode));
  [senders, receivers] = await Promise.all([
    startSwarm(pki.folder, targets, undo),
    startSwarm(pki.folder, targets, undo),
  ]);
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
});

test.each([
  ['plain', 'hmac-sha256', 'end-to-end'],
  ['tls13', 'ed25519', 'client-to-broker'],
] as const)('%s, %s, %s: genuine messages arrive, altered ones are refused', async (mode, name, reach) => {
  const { cell } = targetOf(broker, mode);
  const method = methodNamed(name);
  const topics = Array.from({ length: PUBLISHERS + 1 }, (_, index) => ({
    topic: topicOf(cell, index),
    senders: [index % PUBLISHERS],
  }));
  await createPayloadKeys(pki.folder, method, {
    topics: topics.map(({ topic }) => topic),
    senders: [0, 1],
  });
  const opening: Opening = { method: name, reach, topics, watch: true };
  const atBroker = reach === 'client-to-broker' ? broker.payloads?.(mode) : undefined;
  await atBroker?.open(opening);
  await receivers.worker.call('subscribe', {
    cells: [{ cell, subscribers: 1, ...(atBroker === undefined ? { opening } : {}) }],
    client: 'mqttjs',
    purpose: 'messages',
    qos: 0,
    timeoutMs: 5000,
  });
  const job = {
    cell,
    client: 'mqttjs' as const,
    seconds: 1,
    ratePerPublisher: SENT / PUBLISHERS,
    publishers: [0, 1].map((index) => ({ index, phase: index / PUBLISHERS })),
    payloadBytes: 64,
    qos: 0 as const,
    timeoutMs: 5000,
    protection: {
      method: name,
      reach,
      tamper: { share: 0.3, seed: 5, topics: topics.length },
    },
  };
  await senders.worker.call('connectPublishers', job);
  const startUs = nowUs() + 50_000;
  await receivers.worker.call('expectMessages', { cell, startUs, seconds: 1 });
  const { protection, sentPerSecond } = await senders.worker.call('publish', { ...job, startUs });
  const { injected = [], altered = 0 } = protection ?? {};
  expect(sentPerSecond).toEqual([SENT]);
  expect([injected.length, injected.length > 5]).toEqual([altered, true]);
  await until('all is delivered', async () => {
    const { received } = await receivers.worker.call('collect', { cell });
    return received >= SENT - altered;
  });
  const told = async () =>
    (await atBroker?.opened(injected)) ??
    receivers.worker.call('tellApart', { cell, injected, subscribers: 1 });
  await until('all that was altered was refused', async () => {
    const { detected } = await told();
    return Object.values(detected).reduce((sum, count) => sum + count, 0) >= altered;
  });
  const { taken, falseAlarms } = await told();
  expect(falseAlarms).toBe(0);
  expect(Object.values(taken).filter((count) => count > 0)).toEqual([]);
  const collected = await receivers.worker.call('collect', { cell });
  // Where the broker opens payloads, subscribers read their heads in clear, and open nothing.
  expect(collected.received).toBe(SENT - altered);
  expect(collected.tally === undefined).toBe(atBroker !== undefined);
  await atBroker?.open(null);
  await Promise.all([senders, receivers].map(({ worker }) => worker.call('disconnect', null)));
  expect([...senders.lost, ...receivers.lost]).toEqual([]);
});

test('a message in clear is refused by a broker that opens them, and passes one that does not', async () => {
  const { cell } = targetOf(broker, 'plain');
  const method = methodNamed('aes-128-gcm');
  const topics = [{ topic: topicOf(cell, 0), senders: [0] }];
  await createPayloadKeys(pki.folder, method, { topics: [topicOf(cell, 0)], senders: [0] });
  const gate = broker.payloads?.('plain');
  await gate?.open({ method: method.name, reach: 'client-to-broker', topics, watch: false });
  const publish = async () => {
    const job = {
      cell,
      client: 'mqttjs' as const,
      seconds: 1,
      ratePerPublisher: 1,
      publishers: [{ index: 0, phase: 0 }],
      payloadBytes: 64,
      qos: 1 as const,
      timeoutMs: 500,
    };
    await senders.worker.call('connectPublishers', job);
    const published = await senders.worker.call('publish', { ...job, startUs: nowUs() });
    await senders.worker.call('disconnect', null);
    return published.unacknowledged;
  };
  expect(await publish()).toBe(1);
  const opened = await gate?.opened([]);
  // Of nobody that it knows: the time in its head may look like a version and a method.
  expect([opened?.verdicts.genuine, opened?.falseAlarms]).toEqual([undefined, 1]);
  await gate?.open(null);
  expect(await publish()).toBe(0);
  await expect(gate?.opened([])).rejects.toThrow(/opens no payloads now/);
});
