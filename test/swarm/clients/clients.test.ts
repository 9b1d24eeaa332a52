import type { Socket } from 'node:net';
import { generate, parser, type Packet } from 'mqtt-packet';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Client, ClientOptions, Qos } from '../../../src/swarm/clients/client.ts';
import { openClient } from '../../../src/swarm/clients/index.ts';
import type { Failure } from '../../../src/swarm/failure.ts';
import { makeTargets, type Target, type TargetInput } from '../../../src/swarm/targets.ts';
import { CLIENT_NAMES } from '../../../src/swarm/workloads/settings/common.ts';
import { startAedes, targetOf, type WatchedBroker } from '../../helpers/broker.ts';
import { makePki, type Pki } from '../../helpers/pki.ts';
import { until } from '../../helpers/processes.ts';
import { tcpServer } from '../../helpers/tcp.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';

const newFolder = sharedFolders();
let pki: Pki;
let broker: WatchedBroker;
beforeAll(async () => {
  pki = await makePki(newFolder());
  let end = (): Promise<void> => Promise.resolve();
  broker = await startAedes(pki.folder, { modes: ['plain', 'tls13'] }, (stop) => (end = stop));
  return () => end();
});

async function prepared(input: TargetInput): Promise<Target> {
  const { targets } = await makeTargets([input], () => Promise.resolve(pki.client));
  const target = targets.get(input.cell);
  if (target === undefined) throw new Error('No target');
  return target;
}

interface Watched {
  client: Client;
  packets: Packet[];
  failures: Failure[];
}

describe.each(CLIENT_NAMES)('%s', (name) => {
  /** Connects, and waits for CONNACK. */
  async function connect(input: TargetInput, options: Partial<ClientOptions> = {}): Promise<Watched> {
    const packets: Packet[] = [];
    const failures: Failure[] = [];
    const target = await prepared(input);
    const client = openClient(
      name,
      target,
      { clientId: `c${Math.random().toString(36).slice(2, 10)}`, watched: true, ...options },
      { onPacket: (packet) => packets.push(packet), onFailure: (failure) => failures.push(failure) },
    );
    onTestFinished(() => client.destroy());
    await until('CONNACK', () => packets.some(({ cmd }) => cmd === 'connack'));
    return { client, packets, failures };
  }

  function published(client: Client, topic: string, qos: Qos): Promise<Error | undefined> {
    return new Promise((resolve) => client.publish(topic, Buffer.from('text'), qos, resolve));
  }

  function deliveries({ packets }: Watched): string[] {
    return packets.flatMap((packet) => (packet.cmd === 'publish' ? [`${packet.topic} ${packet.qos}`] : []));
  }

  it.each(['plain', 'tls13'])('%s: publishes and receives at every QoS', async (mode) => {
    const subscriber = await connect(targetOf(broker.broker, mode));
    subscriber.client.subscribe(`${name}/${mode}/+`, 2);
    await until('SUBACK', () => subscriber.packets.some(({ cmd }) => cmd === 'suback'));
    const publisher = await connect(targetOf(broker.broker, mode));
    for (const qos of [0, 1, 2] as const)
      expect(await published(publisher.client, `${name}/${mode}/${qos}`, qos)).toBeUndefined();
    await until('all is delivered', () => deliveries(subscriber).length === 3);
    expect(deliveries(subscriber).toSorted()).toEqual(
      [0, 1, 2].map((qos) => `${name}/${mode}/${qos} ${qos}`),
    );
    // Once: QoS 2 is finished by both ends, so that nothing is sent again.
    await Promise.all([publisher.client.end(), subscriber.client.end()]);
    expect([...publisher.failures, ...subscriber.failures]).toEqual([]);
    expect(deliveries(subscriber)).toHaveLength(3);
  });

  it('tells who it is, what it negotiated, and every byte', async () => {
    const { client } = await connect(targetOf(broker.broker, 'tls13'));
    expect(client.local?.host).toBe('127.0.0.1');
    expect(client.negotiated.protocol).toBe('TLSv1.3');
    const { wireUp, wireDown, appUp, appDown } = client.bytes ?? {
      wireUp: 0,
      wireDown: 0,
      appUp: 0,
      appDown: 0,
    };
    expect(appUp).toBeGreaterThan(12);
    expect(appDown).toBe(4);
    expect(wireUp).toBeGreaterThan(appUp + 200);
    expect(wireDown).toBeGreaterThan(appDown + 500);
    expect(client.tcpConnectedUs).toBeGreaterThan(client.startedUs);
    expect(client.handshakeDoneUs).toBeGreaterThan(client.tcpConnectedUs ?? 0);
  });

  it('has one stream for TCP and TLS where it is not watched, and does not tell what it does not know', async () => {
    const { client } = await connect(targetOf(broker.broker, 'tls13'), {
      watched: false,
      localAddress: '127.0.0.7',
    });
    expect({ local: client.local, bytes: client.bytes }).toEqual({ local: undefined, bytes: undefined });
    expect(client.negotiated).toMatchObject({ protocol: 'TLSv1.3', noDelay: true });
    expect(client.tcpConnectedUs).toBeGreaterThan(client.startedUs);
    expect(client.handshakeDoneUs).toBeGreaterThan(client.tcpConnectedUs ?? 0);
    await until('the broker tells', () => broker.records.length > 0 || broker.refusals.length > 0);
    await client.end();
  });

  it('dials from the address that it is told', async () => {
    const { client } = await connect(targetOf(broker.broker, 'plain'), { localAddress: '127.0.0.7' });
    expect(client.local?.host).toBe('127.0.0.7');
  });

  it('a message that is not acknowledged when the connection ends has failed', async () => {
    const port = await tcpServer(answering({ connect: CONNACK, publish: undefined }));
    const { client } = await connect({
      cell: 0,
      mode: 'plain',
      host: '127.0.0.1',
      port,
      modelledConnectMs: 0,
    });
    const outcome = published(client, 'a/b', 1);
    client.destroy();
    expect(await outcome).toBeInstanceOf(Error);
  });

  it('says DISCONNECT before it closes', async () => {
    const seen: string[] = [];
    const port = await tcpServer(answering({ connect: CONNACK }, (packet) => seen.push(packet.cmd)));
    const { client } = await connect({
      cell: 0,
      mode: 'plain',
      host: '127.0.0.1',
      port,
      modelledConnectMs: 0,
    });
    await client.end();
    await until('DISCONNECT', () => seen.length > 1);
    expect(seen).toEqual(['connect', 'disconnect']);
  });
});

const CONNACK: Packet = { cmd: 'connack', returnCode: 0, sessionPresent: false };

/** A broker that answers some packets; it closes when its client does. */
function answering(
  answers: Partial<Record<string, Packet | undefined>>,
  onPacket: (packet: Packet) => void = () => {},
): (socket: Socket) => void {
  return (socket) => {
    const reader = parser();
    reader.on('packet', (packet) => {
      onPacket(packet);
      const answer = answers[packet.cmd];
      if (answer !== undefined) socket.write(generate(answer));
    });
    socket.on('data', (chunk: Buffer) => reader.parse(chunk));
    socket.on('end', () => socket.end());
  };
}

describe('lean, without an identifier left', () => {
  // mqtt.js keeps such a message until one is free.
  it('a message has failed, and the others wait on', async () => {
    const port = await tcpServer(answering({ connect: CONNACK, publish: undefined }));
    const target = await prepared({ cell: 0, mode: 'plain', host: '127.0.0.1', port, modelledConnectMs: 0 });
    const connected = Promise.withResolvers<void>();
    const client = openClient(
      'lean',
      target,
      { clientId: 'c0' },
      { onPacket: () => connected.resolve(), onFailure: ({ reason }) => connected.reject(new Error(reason)) },
    );
    onTestFinished(() => client.destroy());
    await connected.promise;
    let [acknowledged, failed] = [0, 0];
    for (let count = 0; count < 65_535; count++)
      client.publish('a/b', Buffer.alloc(0), 1, (error) => (error === undefined ? acknowledged++ : failed++));
    const outcome = await new Promise<Error | undefined>((resolve) =>
      client.publish('a/b', Buffer.from('text'), 1, resolve),
    );
    expect(outcome?.message).toMatch(/identifier/i);
    expect({ acknowledged, failed }).toEqual({ acknowledged: 0, failed: 0 });
  });
});
