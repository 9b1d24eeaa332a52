import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Packet } from 'mqtt';
import { beforeAll, describe, expect, it } from 'vitest';
import { aedes } from '../../src/broker/aedes.ts';
import { BROKER_NAMES, brokerNamed } from '../../src/broker/index.ts';
import { mismatches } from '../../src/modes/check.ts';
import { MODE_NAMES, modeNamed } from '../../src/modes/index.ts';
import type { ClientMaterial } from '../../src/pki/material.ts';
import { MqttJsClient } from '../../src/swarm/clients/mqttjs.ts';
import { primeSessions } from '../../src/swarm/sessions.ts';
import { makeTargets, type TargetInput } from '../../src/swarm/targets.ts';
import { startAedes, targetOf, type WatchedBroker } from '../helpers/broker.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { isRunning, until } from '../helpers/processes.ts';
import { AEDES } from '../helpers/runs.ts';
import { freePort, tcpServer } from '../helpers/tcp.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

const newFolder = sharedFolders();
let pki: Pki;
let otherRun: Pki;
beforeAll(async () => {
  [pki, otherRun] = await Promise.all([makePki(newFolder()), makePki(newFolder())]);
});

interface Visit {
  connection: MqttJsClient;
  /** Milliseconds from the client's start to its CONNACK. */
  connackMs: number;
}

/** Connects a client and waits for CONNACK; rejects with the reason when that does not come. */
async function visit(
  input: TargetInput,
  clientId: string,
  material: ClientMaterial = pki.client,
): Promise<Visit> {
  const { targets } = await makeTargets([input], () => Promise.resolve(material));
  const target = targets.get(input.cell);
  if (target?.tls?.sessions !== undefined) {
    await primeSessions(target, { count: 1, perSecond: 100, timeoutMs: 5000 });
  }
  if (target === undefined) throw new Error('No target');
  return new Promise((resolve, reject) => {
    const connection = new MqttJsClient(
      target,
      { clientId },
      {
        onPacket: ({ cmd }: Packet, atUs) => {
          if (cmd === 'connack') resolve({ connection, connackMs: (atUs - connection.startedUs) / 1000 });
        },
        onFailure: ({ reason, detail }) => reject(new Error(`${reason}: ${detail}`)),
      },
    );
  });
}

describe('a broker with a listener for each mode', () => {
  let watched: WatchedBroker;
  beforeAll(async () => {
    let end = (): Promise<void> => Promise.resolve();
    watched = await startAedes(pki.folder, {}, (stop) => (end = stop));
    return () => end();
  });

  it('tells its version, and a port of its own for each mode', () => {
    expect(watched.broker.version).toMatch(
      /^aedes \d+\.\d+\.\d+ on Node \d+\.\d+\.\d+, OpenSSL \d+\.\d+\.\d+$/,
    );
    const ports = [...watched.broker.listeners.values()].map(({ port }) => port);
    expect(new Set(ports).size).toBe(MODE_NAMES.length);
  });

  it.each(MODE_NAMES)('%s: a record has every stamp, in order, and what was negotiated', async (mode) => {
    const { broker, records } = watched;
    const { connection } = await visit(targetOf(broker, mode), `order-${mode}`);
    await new Promise<void>((done) => connection.publish('some/topic', Buffer.from('text'), 1, () => done()));
    await connection.end();
    await until('the record is told', () => records.some(({ clientId }) => clientId === `order-${mode}`));
    const record = records.find(({ clientId }) => clientId === `order-${mode}`);
    const { acceptedUs, handshakeDoneUs, connectReceivedUs, connackSentUs, publishReceivedUs } = record ?? {};
    const { expected } = modeNamed(mode);
    const stamps = [
      connection.startedUs,
      acceptedUs,
      ...(expected.protocol === undefined ? [] : [handshakeDoneUs]),
      connectReceivedUs,
      connackSentUs,
    ];
    expect(stamps).not.toContain(undefined);
    expect(stamps).toEqual(stamps.toSorted((a, b) => Number(a) - Number(b)));
    expect(publishReceivedUs).toBeGreaterThan(connectReceivedUs ?? Number.NaN);
    expect(handshakeDoneUs === undefined).toBe(expected.protocol === undefined);
    expect(mismatches({ ...expected, brokerNoDelay: true }, 'broker', record?.negotiated ?? {})).toEqual([]);
  });

  it('makes no record of a client that never sends CONNECT', async () => {
    const { broker, records } = watched;
    await broker.flush();
    const before = records.length;
    const { host, port } = targetOf(broker, 'plain');
    const socket = connect(port, host);
    await once(socket, 'connect');
    socket.destroy();
    await sleep(100);
    await broker.flush();
    expect(records).toHaveLength(before);
  });

  it('tells an open connection when it is flushed, and only once', async () => {
    const { broker, records } = watched;
    const { connection } = await visit(targetOf(broker, 'tls13'), 'stays');
    const told = (): number => records.filter(({ clientId }) => clientId === 'stays').length;
    expect(told()).toBe(0);
    await broker.flush();
    expect(told()).toBe(1);
    await connection.end();
    await sleep(150);
    await broker.flush();
    expect(told()).toBe(1);
  });

  it.each(['mtls12', 'mtls13'])('%s: tells a refused certificate with its mode and why', async (mode) => {
    const { broker, records, refusals } = watched;
    const stranger = { ...pki.client, identity: otherRun.client.identity };
    await expect(visit(targetOf(broker, mode), 'stranger', stranger)).rejects.toThrow(/closed|reset|tls:/);
    await until('the refusal is told', () => refusals.some((refusal) => refusal.mode === mode));
    expect(refusals.find((refusal) => refusal.mode === mode)?.reason).toMatch(/VERIFY|SELF_SIGNED/);
    await broker.flush();
    expect(records.filter(({ clientId }) => clientId === 'stranger')).toEqual([]);
  });

  it('survives clients that vanish at any point of their connection', async () => {
    const { broker, crashes } = watched;
    const visitors = Array.from({ length: 40 }, (_, index) => {
      const mode = MODE_NAMES[index % MODE_NAMES.length] ?? 'plain';
      return visit(targetOf(broker, mode), `vanishing-${index}`).then(({ connection }) =>
        connection.destroy(),
      );
    });
    // And some that do not even wait for the handshake.
    const impatient = Array.from({ length: 40 }, async (_, index) => {
      const { host, port } = targetOf(broker, MODE_NAMES[index % MODE_NAMES.length] ?? 'plain');
      const socket = connect(port, host);
      await once(socket, 'connect');
      socket.write('\u0016\u0003\u0001');
      await sleep(index / 10);
      socket.resetAndDestroy();
    });
    await Promise.all([...visitors, ...impatient]);
    const { connection } = await visit(targetOf(broker, 'plain'), 'after');
    await connection.end();
    expect(crashes).toEqual([]);
  });

  it('uses fixed parameters alone: a client of another version is refused', async () => {
    const { broker } = watched;
    const wrongDoor = { ...targetOf(broker, 'tls12'), mode: 'tls13' };
    await expect(visit(wrongDoor, 'wrong-door')).rejects.toThrow(
      /^tls:ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION:/,
    );
  });
});

describe('Nagle’s algorithm', () => {
  it('left on at the broker is recorded, and holds CONNACK back under TLS 1.3', async () => {
    const on = await startAedes(pki.folder, { choice: { ...AEDES, noDelay: false }, modes: ['tls13'] });
    const off = await startAedes(pki.folder, { modes: ['tls13'] });
    const connackMs = async ({ broker }: WatchedBroker): Promise<number[]> => {
      const times: number[] = [];
      for (let n = 0; n < 7; n++) {
        const { connection, connackMs } = await visit(targetOf(broker, 'tls13'), `c${n}`);
        times.push(connackMs);
        await connection.end();
      }
      return times.toSorted((a, b) => a - b);
    };
    const [delayed, prompt] = [await connackMs(on), await connackMs(off)];
    // The client's kernel delays its ACK of the session tickets by 40 ms, and CONNACK waits for it.
    expect(delayed[3]).toBeGreaterThan(30);
    expect(prompt[0]).toBeLessThan(25);
    await on.broker.flush();
    await until('the records are told', () => on.records.length === 7);
    expect(on.records.map(({ negotiated }) => negotiated.noDelay)).toEqual(Array(7).fill(false));
  });
});

describe('a broker that cannot start or go on', () => {
  it('names the port that is in use, with exit code 5, and leaves no process', async () => {
    const port = await tcpServer();
    const crashes: Error[] = [];
    const start = startAedes(pki.folder, {
      choice: { ...AEDES, port },
      onCrash: (error) => crashes.push(error),
    });
    await expect(start).rejects.toMatchObject({
      name: 'BenchError',
      exitCode: 5,
      message: expect.stringContaining(
        `127.0.0.1:${port} cannot be listened on: the port is in use`,
      ) as unknown,
      mend: expect.stringContaining('leave the port out of the scenario') as unknown,
    });
    expect(crashes).toEqual([]);
  });

  it('listens from a given port on', async () => {
    const first = await freePort();
    const { broker } = await startAedes(pki.folder, {
      choice: { ...AEDES, port: first },
      modes: ['plain', 'tls13'],
    });
    expect([...broker.listeners.values()].map(({ port }) => port)).toEqual([first, first + 1]);
  });

  describe('that issues no tickets in TLS 1.3', () => {
    const modes = ['tls13+tickets=false', 'tls13', 'mtls13+tickets=false'];

    it('does so in a process beside it, on the ports that were given', async () => {
      const first = await freePort();
      const { broker, records } = await startAedes(pki.folder, { choice: { ...AEDES, port: first }, modes });
      expect(modes.map((mode) => broker.listeners.get(mode)?.port)).toEqual([first, first + 1, first + 2]);
      for (const [cell, mode] of modes.entries()) {
        const { port = 0 } = broker.listeners.get(mode) ?? {};
        const { connection } = await visit(
          { cell, mode, host: '127.0.0.1', port, modelledConnectMs: 0 },
          `m${cell}`,
        );
        expect(
          mismatches({ ...modeNamed(mode).expected, brokerNoDelay: true }, 'client', connection.negotiated),
        ).toEqual([]);
        await connection.end();
      }
      await broker.flush();
      expect(records.map(({ clientId }) => clientId).toSorted()).toEqual(['m0', 'm1', 'm2']);
    });

    it('is one broker: told when either process was killed, and gone when it was stopped', async () => {
      const { broker, crashes } = await startAedes(pki.folder, { modes });
      const pids = broker.processes.map(({ pid }) => pid);
      expect(pids).toHaveLength(2);
      process.kill(pids[1] ?? 0, 'SIGKILL');
      await until('the crash is told', () => crashes.length > 0);
      expect(crashes[0]?.message).toMatch(/broker-no-tickets process ended \(SIGKILL\)/);
      await broker.stop();
      expect(pids.filter(isRunning)).toEqual([]);
    });

    it('is none where no mode asks for it', async () => {
      const { broker } = await startAedes(pki.folder, { modes: ['tls13', 'tls12+tickets=false'] });
      expect(broker.processes).toHaveLength(1);
    });
  });

  it('is told once when it was killed', async () => {
    const { broker, crashes } = await startAedes(pki.folder);
    process.kill(broker.processes[0]?.pid ?? 0, 'SIGKILL');
    await until('the crash is told', () => crashes.length > 0);
    await expect(broker.flush()).rejects.toThrow(/broker process/);
    await broker.stop();
    expect(crashes).toHaveLength(1);
    expect(crashes[0]?.message).toMatch(/broker process ended \(SIGKILL\)/);
  });

  it('is gone when it was stopped', async () => {
    const { broker, crashes } = await startAedes(pki.folder);
    expect(isRunning(broker.processes[0]?.pid ?? 0)).toBe(true);
    await broker.stop();
    expect(isRunning(broker.processes[0]?.pid ?? 0)).toBe(false);
    expect(crashes).toEqual([]);
  });
});

it('brokers are found by name', () => {
  expect(BROKER_NAMES).toContain('aedes');
  expect(brokerNamed('aedes')).toBe(aedes);
  expect(() => brokerNamed('aeds')).toThrow(/Expected one of aedes.*, got 'aeds'/);
});
