import type { Socket } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TargetInput } from '../../src/swarm/targets.ts';
import { nowUs } from '../../src/measure/clock.ts';
import { clientIdOf } from '../../src/swarm/names.ts';
import type { Attempt, HandshakeJob } from '../../src/swarm/workloads/handshake.protocol.ts';
import { findMosquitto, MAX_PACKET_BYTES, startMosquitto, type Mosquitto } from '../helpers/mosquitto.ts';
import { CLIENT_NAMES } from '../../src/swarm/workloads/settings/common.ts';
import { makePki } from '../helpers/pki.ts';
import { until } from '../helpers/processes.ts';
import { startSwarm, type WatchedWorker } from '../helpers/swarm.ts';
import { tcpServer } from '../helpers/tcp.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

const CELLS = {
  plain: 0,
  pipelined: 1,
  tls: 2,
  tlsPipelined: 3,
  old: 4,
  closed: 5,
  denied: 6,
  deniedPipelined: 7,
};
const KINDS = [
  { action: 'publish', qos: 0, last: 'connackReceived' },
  { action: 'publish', qos: 1, last: 'pubackReceived' },
  { action: 'publish', qos: 2, last: 'pubcompReceived' },
  { action: 'subscribe', qos: 1, last: 'subackReceived' },
] as const;

const newFolder = sharedFolders();
const mosquittoPath = findMosquitto();
let folder: string;
let swarm: WatchedWorker;
let nextId = 0;
beforeAll(async () => {
  folder = newFolder();
  await makePki(folder);
  let end = (): Promise<void> => Promise.resolve();
  swarm = await startSwarm(folder, [], (stop) => (end = stop));
  return () => end();
});

function target(cell: number, mode: string, port: number): TargetInput {
  return { cell, mode, host: '127.0.0.1', port, modelledConnectMs: 0 };
}

async function attempt(cell: number, job: Partial<HandshakeJob> = {}): Promise<Attempt> {
  const { attempts } = await swarm.handshake([{ id: nextId++, cell, atMs: 0 }], { timeoutMs: 5000, ...job });
  const [only] = attempts;
  if (only === undefined) throw new Error('No attempt');
  return only;
}

describe.skipIf(mosquittoPath === undefined)('MQTT 5, against mosquitto', () => {
  let broker: Mosquitto;
  let targets: TargetInput[];
  beforeAll(async () => {
    const denied = [CELLS.denied, CELLS.deniedPipelined].map((cell) => `mtb/${cell}/#`);
    broker = await startMosquitto(mosquittoPath ?? '', { folder, denied });
    const { open, tls13, closed } = broker.ports;
    targets = [
      target(CELLS.plain, 'plain+mqtt=5', open),
      target(CELLS.pipelined, 'plain+mqtt=5+pipelined=true', open),
      target(CELLS.tls, 'tls13+mqtt=5', tls13),
      target(CELLS.tlsPipelined, 'tls13+mqtt=5+pipelined=true', tls13),
      target(CELLS.old, 'plain', open),
      target(CELLS.closed, 'plain+mqtt=5', closed),
      target(CELLS.denied, 'plain+mqtt=5', open),
      target(CELLS.deniedPipelined, 'plain+mqtt=5+pipelined=true', open),
    ];
    await swarm.worker.call('prepare', { pkiFolder: folder, targets });
    return () => broker.stop();
  });

  it('is what its clients speak, and those of other modes do not', async () => {
    const [five, old] = [await attempt(CELLS.plain), await attempt(CELLS.old)];
    expect([five.failure, old.failure]).toEqual([undefined, undefined]);
    const log = await broker.log();
    expect(log).toMatch(new RegExp(`as ${clientIdOf(five.id)} \\(p5,`));
    expect(log).toMatch(new RegExp(`as ${clientIdOf(old.id)} \\(p2,`));
  });

  const cells = ['plain', 'pipelined', 'tls', 'tlsPipelined'] as const;
  it.each(
    CLIENT_NAMES.flatMap((client) =>
      cells.flatMap((cell) => KINDS.map((kind) => ({ client, cell, ...kind }))),
    ),
  )('$client, $cell: $action at QoS $qos', async ({ client, cell, action, qos, last }) => {
    const { failure, stampsUs, bytes, negotiated } = await attempt(CELLS[cell], { client, action, qos });
    expect(failure).toBeUndefined();
    expect(Object.keys(stampsUs)).toContain(last);
    expect(negotiated.protocol).toBe(cell.startsWith('tls') ? 'TLSv1.3' : undefined);
    expect(bytes?.up).toBeGreaterThan(0);
  });

  it('delivers to its standing subscribers what its clients publish, pipelined too', async () => {
    const subscribers = await startSwarm(folder, targets);
    await subscribers.worker.call('subscribe', {
      cells: [CELLS.plain, CELLS.tlsPipelined].map((cell) => ({ cell, subscribers: 1 })),
      client: 'mqttjs',
      purpose: 'arrivals',
      qos: 0,
      timeoutMs: 5000,
    });
    const sent = [
      await attempt(CELLS.plain, { qos: 1 }),
      await attempt(CELLS.tlsPipelined, { qos: 2 }),
      await attempt(CELLS.tlsPipelined, { qos: 0 }),
    ];
    await until('all is delivered', () => subscribers.deliveries.length === sent.length);
    expect(subscribers.deliveries.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    expect(await broker.log()).toMatch(new RegExp(`as s${CELLS.plain}-0 \\(p5,`));
  });

  it.each(CLIENT_NAMES)('%s has no more messages under way than the broker takes', async (client) => {
    const own = await startSwarm(folder, targets, onTestFinished);
    const job = {
      cell: CELLS.plain,
      seconds: 1,
      ratePerPublisher: 500,
      publishers: [{ index: 0, phase: 0 }],
      client,
      payloadBytes: 64,
      qos: 2 as const,
      timeoutMs: 20_000,
    };
    await own.worker.call('connectPublishers', job);
    // All of them are due already.
    const published = await own.worker.call('publish', { ...job, startUs: nowUs() - 2_000_000 });
    expect(own.lost).toEqual([]);
    expect(published).toMatchObject({ unsent: 0, unacknowledged: 0 });
  });

  it('a client that is not let in is told the reason code of CONNACK', async () => {
    const { failure, stampsUs } = await attempt(CELLS.closed);
    expect(failure).toEqual({ reason: 'connack:0x87', detail: 'Connection refused: Not authorized' });
    expect(stampsUs.connackReceived).toBeUndefined();
  });

  it.each([
    ['denied', 'publish', 1, 'puback:0x87'],
    ['denied', 'publish', 2, 'pubrec:0x87'],
    ['deniedPipelined', 'publish', 1, 'puback:0x87'],
    ['deniedPipelined', 'publish', 2, 'pubrec:0x87'],
  ] as const)('%s: %s at QoS %i fails with %s', async (cell, action, qos, reason) => {
    const { failure } = await attempt(CELLS[cell], { action, qos });
    expect(failure).toMatchObject({ reason, detail: expect.stringMatching(/Not authorized/) as string });
  });

  it.each([CELLS.plain, CELLS.pipelined])(
    'a client that is sent away is told by DISCONNECT',
    async (cell) => {
      const { failure, stampsUs } = await attempt(cell, { qos: 1, payloadBytes: MAX_PACKET_BYTES });
      expect(failure).toEqual({
        reason: 'disconnect:0x95',
        detail: 'The broker answered DISCONNECT: Packet too large',
      });
      expect(Object.keys(stampsUs)).toEqual(['tcpConnected', 'connackReceived']);
    },
  );
});

/** Answers CONNECT with a CONNACK that accepts, and what follows with one packet. */
function answering(packet: Packet): (socket: Socket) => void {
  const connack: Packet = { cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false };
  return (socket) => {
    socket.once('data', () => {
      socket.write(generate(connack, { protocolVersion: 5 }));
      socket.once('data', () => socket.write(generate(packet, { protocolVersion: 5 })));
    });
  };
}

// What mosquitto has no occasion for: it lets anybody subscribe to anything, for example.
describe('MQTT 5, whatever the broker', () => {
  it.each<[string, Partial<HandshakeJob>, Packet]>([
    ['suback:0x87', { action: 'subscribe' }, { cmd: 'suback', messageId: 1, granted: [0x87] }],
    ['pubcomp:0x92', { qos: 2 }, { cmd: 'pubcomp', messageId: 1, reasonCode: 0x92 }],
    ['disconnect:0x8e', { qos: 1 }, { cmd: 'disconnect', reasonCode: 0x8e }],
    ['disconnect:0x00', { qos: 1 }, { cmd: 'disconnect', reasonCode: 0 }],
  ])('%s is a failure', async (reason, job, packet) => {
    const port = await tcpServer(answering(packet));
    const own = await startSwarm(folder, [target(0, 'plain+mqtt=5', port)], onTestFinished);
    const { attempts } = await own.handshake([{ id: 1, cell: 0, atMs: 0 }], { timeoutMs: 5000, ...job });
    expect(attempts[0]?.failure?.reason).toBe(reason);
  });

  it('a reason code that is none of failure is none', async () => {
    const port = await tcpServer(answering({ cmd: 'puback', messageId: 1, reasonCode: 0x10 }));
    const own = await startSwarm(folder, [target(0, 'plain+mqtt=5', port)], onTestFinished);
    const { attempts } = await own.handshake([{ id: 1, cell: 0, atMs: 0 }], { qos: 1, timeoutMs: 5000 });
    expect(attempts[0]?.failure).toBeUndefined();
    expect(attempts[0]?.stampsUs.pubackReceived).toBeGreaterThan(0);
  });

  it.each([
    ['plain', 0x80],
    ['plain+mqtt=5', 0x87],
  ])('%s: a standing subscriber that is refused does not stand', async (mode, code) => {
    const protocolVersion = mode === 'plain' ? 4 : 5;
    const port = await tcpServer((socket) => {
      socket.once('data', () => {
        const connack = { cmd: 'connack', returnCode: 0, reasonCode: 0, sessionPresent: false } as const;
        socket.write(generate(connack, { protocolVersion }));
        const suback: Packet = { cmd: 'suback', messageId: 1, granted: [code] };
        socket.once('data', () => socket.write(generate(suback, { protocolVersion })));
      });
    });
    const own = await startSwarm(folder, [target(0, mode, port)], onTestFinished);
    const cells = [{ cell: 0, subscribers: 1 }];
    const subscribe = own.worker.call('subscribe', {
      cells,
      client: 'mqttjs',
      purpose: 'arrivals',
      qos: 0,
      timeoutMs: 5000,
    });
    await expect(subscribe).rejects.toThrow(`with mode ${mode}: suback:0x${code.toString(16)}`);
  });
});
