import type { Socket } from 'node:net';
import { generate, parser, type Packet } from 'mqtt-packet';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Attempt, HandshakeJob } from '../../../src/swarm/workloads/handshake.protocol.ts';
import type { TargetInput } from '../../../src/swarm/targets.ts';
import { startAedes, targetOf, type WatchedBroker } from '../../helpers/broker.ts';
import { makePki } from '../../helpers/pki.ts';
import { startSwarm, type WatchedWorker } from '../../helpers/swarm.ts';
import { freePort, tcpServer } from '../../helpers/tcp.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';

const newFolder = sharedFolders();
let folder = '';
let swarm: WatchedWorker;
let broker: WatchedBroker;
beforeAll(async () => {
  folder = newFolder();
  await makePki(folder);
  const ends: (() => Promise<void>)[] = [];
  broker = await startAedes(folder, {}, (end) => ends.push(end));
  swarm = await startSwarm(folder, [], (end) => ends.push(end));
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
});

let nextId = 0;

/** What becomes of some wake-ups, one after another. */
async function wakeAll(
  target: TargetInput,
  count: number,
  job: Partial<HandshakeJob> = {},
): Promise<Attempt[]> {
  await swarm.worker.call('prepare', { pkiFolder: folder, targets: [target] });
  const arrivals = Array.from({ length: count }, (_, index) => ({
    id: nextId++,
    cell: target.cell,
    atMs: index * 20,
  }));
  const { attempts } = await swarm.handshake(arrivals, { timeoutMs: 2000, wake: { messages: 1 }, ...job });
  expect(swarm.crashes).toEqual([]);
  expect(attempts).toHaveLength(count);
  return attempts;
}

async function wake(target: TargetInput, job: Partial<HandshakeJob> = {}): Promise<Attempt> {
  const [only] = await wakeAll(target, 1, job);
  if (only === undefined) throw new Error('No attempt');
  return only;
}

function plainAt(port: number): TargetInput {
  return { cell: 0, mode: 'plain', host: '127.0.0.1', port, modelledConnectMs: 0 };
}

const ACKNOWLEDGED = [[], ['pubackReceived'], ['pubrecReceived', 'pubcompReceived']] as const;

/** A broker that reads packets, notes them, and answers the way a broker does, as far as it `acknowledges`. */
function answering(
  seen: string[],
  {
    acknowledges,
    onPacket = () => {},
  }: { acknowledges: () => boolean; onPacket?: (cmd: string, socket: Socket) => void },
): (socket: Socket) => void {
  return (socket) => {
    const reader = parser();
    const answer = (packet: Packet): void => void socket.write(generate(packet));
    reader.on('packet', (packet) => {
      seen.push(packet.cmd);
      const { messageId = 0 } = packet;
      if (packet.cmd === 'connect') answer({ cmd: 'connack', returnCode: 0, sessionPresent: false });
      if (packet.cmd === 'publish' && packet.qos > 0 && acknowledges())
        answer({ cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId });
      if (packet.cmd === 'pubrel') answer({ cmd: 'pubcomp', messageId });
      onPacket(packet.cmd, socket);
    });
    socket.on('data', (bytes: Buffer) => reader.parse(bytes));
  };
}

const always = (): boolean => true;
const never = (): boolean => false;

describe.each(['plain', 'tls12', 'tls13', 'tls13+pipelined=true', 'tls12-psk'])('%s', (mode) => {
  it.each([0, 1, 2] as const)(
    'at QoS %d waits for what that asks, and for its socket to close',
    async (qos) => {
      const family = mode.split('+')[0] ?? mode;
      const target = { ...targetOf(broker.broker, family), mode };
      const tls = mode === 'plain' ? [] : (['clientHandshakeDone'] as const);
      const order = [
        'tcpConnected',
        ...tls,
        'connackReceived',
        ...ACKNOWLEDGED[qos],
        'disconnected',
      ] as const;
      for (const { failure, stampsUs, startedUs, negotiated, bytes } of await wakeAll(target, 3, { qos })) {
        expect(failure).toBeUndefined();
        expect(new Set(Object.keys(stampsUs))).toEqual(new Set(order));
        const inOrder = [startedUs, ...order.map((name) => stampsUs[name] ?? Number.NaN)];
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
        // Looked at before the socket was gone.
        expect(negotiated.protocol).toBe(
          mode === 'plain' ? undefined : mode.includes('tls12') ? 'TLSv1.2' : 'TLSv1.3',
        );
        expect(bytes?.handshakeUp).toBeGreaterThan(mode === 'plain' ? -1 : 100);
      }
    },
  );
});

it('nothing is waited for before DISCONNECT', async () => {
  const attempts = await wakeAll(targetOf(broker.broker, 'plain'), 40, { qos: 1 });
  const closingMs = attempts.map(
    ({ stampsUs: { disconnected = Number.NaN, pubackReceived = 0 } }) =>
      (disconnected - pubackReceived) / 1000,
  );
  // mqtt.js would wait 10 ms; the quickest tells, whatever else the machine does.
  expect(Math.min(...closingMs)).toBeLessThan(10);
});

describe('several messages', () => {
  it.each([0, 1, 2] as const)(
    'at QoS %d all leave, and the last acknowledgement is waited for',
    async (qos) => {
      const seen: string[] = [];
      const port = await tcpServer(answering(seen, { acknowledges: always }));
      const { failure, stampsUs } = await wake(plainAt(port), { qos, wake: { messages: 3 } });
      expect(failure).toBeUndefined();
      expect(seen.filter((cmd) => cmd === 'publish')).toHaveLength(3);
      expect(seen.at(-1)).toBe('disconnect');
      expect(seen.filter((cmd) => cmd === 'pubrel')).toHaveLength(qos === 2 ? 3 : 0);
      expect(stampsUs.disconnected).toBeGreaterThan(stampsUs.connackReceived ?? Infinity);
    },
  );
});

describe('a wake-up that fails stays in the data', () => {
  it('nobody listens', async () => {
    const { failure, stampsUs } = await wake(plainAt(await freePort()));
    expect(failure).toMatchObject({ reason: 'tcp-refused' });
    expect(stampsUs).toEqual({});
  });

  it('the broker dies before it acknowledges', async () => {
    const port = await tcpServer(
      answering([], {
        acknowledges: never,
        onPacket: (cmd, socket) => {
          if (cmd === 'publish') socket.destroy();
        },
      }),
    );
    const { failure, stampsUs } = await wake(plainAt(port), { qos: 1 });
    expect(failure?.reason).toMatch(/^(closed-by-broker|tcp-reset)$/);
    expect(stampsUs.connackReceived).toBeGreaterThan(0);
    expect(stampsUs).not.toHaveProperty('disconnected');
  });

  it('PUBACK never comes', async () => {
    const port = await tcpServer(answering([], { acknowledges: never }));
    const { failure, stampsUs } = await wake(plainAt(port), { qos: 1, timeoutMs: 300 });
    expect(failure).toMatchObject({ reason: 'timeout' });
    expect(failure?.detail).toContain('the last milestone was connackReceived');
    expect(stampsUs).not.toHaveProperty('disconnected');
  });

  it('one of three messages is not acknowledged', async () => {
    let left = 2;
    const port = await tcpServer(answering([], { acknowledges: () => left-- > 0 }));
    const { failure } = await wake(plainAt(port), { qos: 1, timeoutMs: 300, wake: { messages: 3 } });
    expect(failure).toMatchObject({ reason: 'timeout' });
  });

  it('the broker does not close in return', async () => {
    const port = await tcpServer(answering([], { acknowledges: always }), { allowHalfOpen: true });
    const { failure, stampsUs } = await wake(plainAt(port), { qos: 1, timeoutMs: 300 });
    expect(failure).toMatchObject({ reason: 'timeout' });
    expect(failure?.detail).toContain('the last milestone was pubackReceived');
    expect(stampsUs).not.toHaveProperty('disconnected');
  });
});
