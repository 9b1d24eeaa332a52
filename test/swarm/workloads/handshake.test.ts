import { generate } from 'mqtt-packet';
import { beforeAll, describe, expect, it } from 'vitest';
import { mismatches } from '../../../src/modes/check.ts';
import { MODE_NAMES, modeNamed } from '../../../src/modes/index.ts';
import { clientIdOf, topicOf } from '../../../src/swarm/names.ts';
import { median } from '../../../src/stats/median.ts';
import type { Attempt, HandshakeJob } from '../../../src/swarm/workloads/handshake.protocol.ts';
import { CLIENT_NAMES } from '../../../src/swarm/workloads/settings/common.ts';
import { startAedes, targetOf, type WatchedBroker } from '../../helpers/broker.ts';
import { makePki } from '../../helpers/pki.ts';
import { startSwarm, type WatchedWorker } from '../../helpers/swarm.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';

const ROUNDS = 3;
const KINDS = [
  { action: 'publish', qos: 0, after: [] },
  { action: 'publish', qos: 1, after: ['pubackReceived'] },
  { action: 'publish', qos: 2, after: ['pubrecReceived', 'pubcompReceived'] },
  { action: 'subscribe', qos: 1, after: ['subackReceived'] },
] as const;

const newFolder = sharedFolders();
let broker: WatchedBroker;
let swarm: WatchedWorker;
let warmup: Attempt[];
let nextId = 0;
beforeAll(async () => {
  const folder = newFolder();
  await makePki(folder);
  const ends: (() => Promise<void>)[] = [];
  broker = await startAedes(folder, {}, (end) => ends.push(end));
  const targets = MODE_NAMES.map((mode) => targetOf(broker.broker, mode));
  swarm = await startSwarm(folder, targets, (end) => ends.push(end));
  // The first connections of a process compile its code.
  warmup = (await visitAll({ action: 'publish', qos: 0 })).attempts;
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
});

/** A few attempts of each mode, 10 ms apart; those that resume a session are given one each before. */
async function visitAll(job: Pick<HandshakeJob, 'action' | 'qos'> & Partial<HandshakeJob>) {
  for (const [cell, mode] of MODE_NAMES.entries()) {
    if (modeNamed(mode).resumption === undefined) continue;
    const primed = await swarm.worker.call('prime', { cell, count: ROUNDS, perSecond: 100, timeoutMs: 5000 });
    expect(primed.sessions).toBeGreaterThanOrEqual(ROUNDS);
  }
  const arrivals = Array.from({ length: ROUNDS * MODE_NAMES.length }, (_, index) => ({
    id: nextId++,
    cell: index % MODE_NAMES.length,
    atMs: index * 10,
  }));
  return swarm.handshake(arrivals, job);
}

function ofMode(attempts: readonly Attempt[], mode: string): Attempt[] {
  const cell = MODE_NAMES.findIndex((name) => name === mode);
  return attempts.filter((_, index) => index % MODE_NAMES.length === cell);
}

describe.each(CLIENT_NAMES.flatMap((client) => KINDS.map((kind) => ({ client, ...kind }))))(
  '$client: $action at QoS $qos',
  ({ client, action, qos, after }) => {
    let attempts: Attempt[];
    let startUs: number;
    beforeAll(async () => {
      ({ attempts, startUs } = await visitAll({ client, action, qos }));
    });

    it('makes an attempt of every arrival, and all of them are good', () => {
      expect(attempts).toHaveLength(ROUNDS * MODE_NAMES.length);
      expect(attempts.flatMap(({ failure }) => failure ?? [])).toEqual([]);
    });

    it('starts none of them early', () => {
      const lateMs = attempts.map(({ startedUs }, index) => (startedUs - startUs) / 1000 - index * 10);
      expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
      // How late they are depends on what else the machine does; the pacer's own test is about that.
      expect(Math.min(...lateMs)).toBeLessThan(10);
    });

    it.each(MODE_NAMES)('%s: has its stamps, in order, and what the mode negotiates', (mode) => {
      const { expected } = modeNamed(mode);
      const tls = expected.protocol === undefined ? [] : (['clientHandshakeDone'] as const);
      const order = ['tcpConnected', ...tls, 'connackReceived', ...after] as const;
      for (const { startedUs, stampsUs, negotiated, local } of ofMode(attempts, mode)) {
        expect(new Set(Object.keys(stampsUs))).toEqual(new Set(order));
        const inOrder = [startedUs, ...order.map((name) => stampsUs[name] ?? Number.NaN)];
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
        expect(mismatches({ ...expected, brokerNoDelay: true }, 'client', negotiated)).toEqual([]);
        expect(local?.host).toBe('127.0.0.1');
      }
    });

    it('counts what was on the wire of plain TCP to the byte', () => {
      for (const attempt of ofMode(attempts, 'plain')) {
        expect(attempt.bytes).toEqual({
          handshakeUp: 0,
          handshakeDown: 0,
          up: packetBytes(sentBy(attempt.id, action, qos)),
          down: packetBytes(answersTo(action, qos)),
        });
      }
    });

    it('counts the same handshake bytes whatever comes after the handshake', () => {
      const up = medians(attempts, 'handshakeUp');
      const down = medians(attempts, 'handshakeDown');
      const firstUp = medians(warmup, 'handshakeUp');
      const firstDown = medians(warmup, 'handshakeDown');
      for (const mode of MODE_NAMES) {
        // An ECDSA signature is 70 to 72 bytes long; a certificate has one of them, its key's owner shows another.
        expect(Math.abs(Number(up[mode]) - Number(firstUp[mode]))).toBeLessThanOrEqual(4);
        expect(Math.abs(Number(down[mode]) - Number(firstDown[mode]))).toBeLessThanOrEqual(4);
      }
      // A certificate each way costs most, one certificate less, a pre-shared key least.
      expect(up['mtls13']).toBeGreaterThan(Number(up['tls13']) + 300);
      expect(up['mtls12']).toBeGreaterThan(Number(up['tls12']) + 300);
      expect(down['tls13']).toBeGreaterThan(Number(down['tls13-psk']) + 300);
      expect(down['tls12']).toBeGreaterThan(Number(down['tls12-psk']) + 300);
      expect(up['tls12-psk']).toBeGreaterThan(100);
      expect(down['tls12-psk']).toBeGreaterThan(100);
    });
  },
);

type Packet = Parameters<typeof generate>[0];

function packetBytes(packets: Packet[]): number {
  return packets.reduce((sum, packet) => sum + generate(packet).length, 0);
}

/** What an attempt's client sends before it is done; its DISCONNECT comes later. */
function sentBy(id: number, action: 'publish' | 'subscribe', qos: 0 | 1 | 2): Packet[] {
  const connect: Packet = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: clientIdOf(id),
    clean: true,
    keepalive: 0,
  };
  const topic = topicOf(0, id);
  if (action === 'subscribe') {
    return [connect, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] }];
  }
  const payload = Buffer.alloc(32);
  const publish: Packet = { cmd: 'publish', topic, payload, qos, dup: false, retain: false, messageId: 1 };
  return [connect, publish, ...(qos === 2 ? [{ cmd: 'pubrel', messageId: 1 } as const] : [])];
}

function answersTo(action: 'publish' | 'subscribe', qos: 0 | 1 | 2): Packet[] {
  const connack: Packet = { cmd: 'connack', returnCode: 0, sessionPresent: false };
  if (action === 'subscribe') return [connack, { cmd: 'suback', messageId: 1, granted: [qos] }];
  const acknowledgements: Packet[][] = [
    [],
    [{ cmd: 'puback', messageId: 1 }],
    [
      { cmd: 'pubrec', messageId: 1 },
      { cmd: 'pubcomp', messageId: 1 },
    ],
  ];
  return [connack, ...(acknowledgements[qos] ?? [])];
}

/** The median of each mode's byte counts. */
function medians(
  attempts: readonly Attempt[],
  direction: 'handshakeUp' | 'handshakeDown',
): Record<string, number> {
  return Object.fromEntries(
    MODE_NAMES.map((mode) => [
      mode,
      median(ofMode(attempts, mode).map(({ bytes }) => bytes?.[direction] ?? Number.NaN)),
    ]),
  );
}
