import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { nowUs } from '../../../src/measure/clock.ts';
import { MODE_NAMES } from '../../../src/modes/index.ts';
import type { TargetInput } from '../../../src/swarm/targets.ts';
import type { Attempt, HandshakeJob } from '../../../src/swarm/workloads/handshake.protocol.ts';
import { CLIENT_NAMES } from '../../../src/swarm/workloads/settings/common.ts';
import { startAedes, targetOf, type WatchedBroker } from '../../helpers/broker.ts';
import { makePki, type Pki } from '../../helpers/pki.ts';
import { startSwarm, type WatchedWorker } from '../../helpers/swarm.ts';
import { freePort, tcpServer } from '../../helpers/tcp.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';

const newFolder = sharedFolders();
let pki: Pki;
let otherRun: Pki;
let swarm: WatchedWorker;
beforeAll(async () => {
  [pki, otherRun] = await Promise.all([makePki(newFolder()), makePki(newFolder())]);
  let end = (): Promise<void> => Promise.resolve();
  swarm = await startSwarm(pki.folder, [], (stop) => (end = stop));
  return () => end();
});

/** What becomes of one attempt at what listens on a port of loopback. */
async function attemptOf(
  mode: string,
  port: number,
  job: Partial<HandshakeJob> = {},
  by: WatchedWorker = swarm,
  pkiFolder: string = pki.folder,
): Promise<Attempt> {
  await by.worker.call('prepare', { pkiFolder, targets: [target(mode, port)] });
  const { attempts } = await by.handshake([{ id: 7, cell: 0, atMs: 0 }], { timeoutMs: 1000, ...job });
  expect(by.crashes).toEqual([]);
  expect(attempts).toHaveLength(1);
  const [only] = attempts;
  if (only === undefined) throw new Error('No attempt');
  return only;
}

function target(mode: string, port: number): TargetInput {
  return { cell: 0, mode, host: '127.0.0.1', port, modelledConnectMs: 0 };
}

/** A broker that answers CONNECT with the given packets, and nothing else. */
function answering(...packets: Parameters<typeof generate>[0][]): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', () => {
      for (const packet of packets) socket.write(generate(packet));
    });
  };
}

describe.each(CLIENT_NAMES)('an attempt of %s that fails is told by its reason', (client) => {
  const attempt = (mode: string, port: number, job: Partial<HandshakeJob> = {}): Promise<Attempt> =>
    attemptOf(mode, port, { client, ...job });

  it('nobody listens', async () => {
    const failed = await attempt('tls13', await freePort());
    expect(failed.failure).toMatchObject({ reason: 'tcp-refused' });
    expect(failed).toMatchObject({ stampsUs: {}, negotiated: {} });
    expect(failed.bytes).toBeUndefined();
  });

  it.each([
    ['plain', 'tcpConnected'],
    ['tls13', 'tcpConnected'],
  ])('%s: the broker accepts and stays silent', async (mode, last) => {
    const startMs = performance.now();
    const { failure, stampsUs } = await attempt(mode, await tcpServer(), { timeoutMs: 300 });
    expect(failure?.reason).toBe('timeout');
    expect(failure?.detail).toBe(`No answer within 300 ms; the last milestone was ${last}.`);
    expect(Object.keys(stampsUs)).toEqual([last]);
    // Starting the process is in it; giving up must not take long.
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('the broker falls silent after CONNACK', async () => {
    const port = await tcpServer(answering({ cmd: 'connack', returnCode: 0, sessionPresent: false }));
    const { failure } = await attempt('plain', port, { qos: 1, timeoutMs: 300 });
    expect(failure).toMatchObject({ reason: 'timeout' });
    expect(failure?.detail).toContain('connackReceived');
  });

  it('CONNACK refuses', async () => {
    const port = await tcpServer(answering({ cmd: 'connack', returnCode: 5, sessionPresent: false }));
    const { failure, stampsUs } = await attempt('plain', port);
    expect(failure?.reason).toBe('connack:5');
    expect(failure?.detail).toMatch(/not authorized/i);
    expect(stampsUs.connackReceived).toBeUndefined();
  });

  it('SUBACK refuses', async () => {
    const port = await tcpServer(
      answering(
        { cmd: 'connack', returnCode: 0, sessionPresent: false },
        { cmd: 'suback', messageId: 1, granted: [128] },
      ),
    );
    const { failure } = await attempt('plain', port, { action: 'subscribe' });
    expect(failure).toEqual({
      reason: 'suback:0x80',
      detail: 'The broker answered SUBACK: Unspecified error',
    });
  });

  it.each(['plain', 'tls12', 'tls13'])('%s: the broker hangs up', async (mode) => {
    const port = await tcpServer((socket) => socket.once('data', () => socket.end()));
    expect((await attempt(mode, port)).failure?.reason).toBe('closed-by-broker');
  });

  it.each(['plain', 'tls13'])('%s: the broker resets the connection', async (mode) => {
    const port = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect((await attempt(mode, port)).failure?.reason).toBe('tcp-reset');
  });

  it('the broker speaks something else than TLS', async () => {
    const port = await tcpServer((socket) => socket.once('data', () => socket.write('HTTP/1.1 400\r\n\r\n')));
    expect((await attempt('tls13', port)).failure?.reason).toMatch(/^tls:ERR_SSL_/);
  });
});

describe('brokers and clients of different runs', () => {
  let broker: WatchedBroker;
  beforeAll(async () => {
    let end = (): Promise<void> => Promise.resolve();
    broker = await startAedes(otherRun.folder, {}, (stop) => (end = stop));
    return () => end();
  });

  it('no such broker is ever believed, whatever the environment says', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    const gullible = await startSwarm(pki.folder, []);
    for (const mode of MODE_NAMES.filter((name) => name !== 'plain')) {
      const { port } = targetOf(broker.broker, mode);
      const { failure, stampsUs } = await attemptOf(mode, port, {}, gullible);
      expect([mode, failure?.reason, stampsUs.clientHandshakeDone]).toEqual([
        mode,
        expect.stringMatching(/^(tls:|closed-by-broker$)/),
        undefined,
      ]);
    }
  });

  it.each([
    ['mtls12', false],
    ['mtls13', true],
  ])('%s: the broker refuses the client’s certificate', async (mode, believedItselfDone) => {
    // A client that trusts the broker, and is a stranger to it.
    const stranger = newFolder();
    await makePki(stranger, { trusting: otherRun.folder });
    const { port } = targetOf(broker.broker, mode);
    const { failure, stampsUs } = await attemptOf(mode, port, {}, swarm, stranger);
    expect(failure?.reason).toMatch(/^(closed-by-broker|tcp-reset|tls:.*)$/);
    expect(stampsUs.connackReceived).toBeUndefined();
    expect(stampsUs.clientHandshakeDone !== undefined).toBe(believedItselfDone);
    await broker.broker.flush();
    expect(broker.refusals.at(-1)).toMatchObject({ mode, reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });
});

describe('open loop', () => {
  it('a silent broker delays no later start', async () => {
    await prepare(target('plain', await tcpServer()));
    const arrivals = Array.from({ length: 40 }, (_, id) => ({ id, cell: 0, atMs: id * 10 }));
    const { attempts, startUs } = await swarm.handshake(arrivals, { timeoutMs: 600 });
    expect(attempts).toHaveLength(40);
    expect(attempts.map(({ failure }) => failure?.reason)).toEqual(Array(40).fill('timeout'));
    const lateMs = attempts.map(({ startedUs, id }) => (startedUs - startUs) / 1000 - id * 10);
    // A closed loop would start the last one 39 time limits late.
    expect(Math.max(...lateMs)).toBeLessThan(400);
    expect(lateMs.toSorted((a, b) => a - b)[20]).toBeLessThan(50);
  });

  it('a modelled TCP connect is added to its stamp, and to no other', async () => {
    const { broker } = await startAedes(pki.folder, { modes: ['plain'] });
    await prepare({ ...targetOf(broker, 'plain'), modelledConnectMs: 5000 });
    const { attempts } = await swarm.handshake([{ id: 0, cell: 0, atMs: 0 }]);
    const [{ startedUs, stampsUs } = { startedUs: 0, stampsUs: {} }] = attempts;
    expect((stampsUs.tcpConnected ?? 0) - startedUs).toBeGreaterThan(5_000_000);
    expect((stampsUs.tcpConnected ?? 0) - startedUs).toBeLessThan(6_000_000);
    expect((stampsUs.connackReceived ?? 0) - startedUs).toBeLessThan(1_000_000);
  });
});

async function prepare(only: TargetInput): Promise<void> {
  await swarm.worker.call('prepare', { pkiFolder: pki.folder, targets: [only] });
}

describe('cancel', () => {
  it('ends what is under way with the given reason, and starts nothing more', async () => {
    await prepare(target('tls13', await tcpServer()));
    const arrivals = [0, 50, 100, 60_000].map((atMs, id) => ({ id, cell: 0, atMs }));
    const run = swarm.handshake(arrivals, { timeoutMs: 60_000 });
    await sleep(400);
    const cancelledUs = nowUs();
    await swarm.worker.call('cancel', { reason: 'interrupted', detail: 'Ctrl-C' });
    const { attempts } = await run;
    expect((nowUs() - cancelledUs) / 1000).toBeLessThan(2000);
    expect(attempts.map(({ id }) => id)).toEqual([0, 1, 2]);
    for (const { failure } of attempts) expect(failure).toEqual({ reason: 'interrupted', detail: 'Ctrl-C' });
  });
});
