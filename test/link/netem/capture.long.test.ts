import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aedes } from '../../../src/broker/aedes.ts';
import type { BrokerRecord } from '../../../src/broker/broker.ts';
import { addressesOf } from '../../../src/link/addresses.ts';
import type { Flow } from '../../../src/link/flow.ts';
import type { RecordedPacket } from '../../../src/link/recorded.ts';
import { readSegment } from '../../../src/link/tun/packet.ts';
import { besideNamespace, enterNamespace, newNamespace } from '../../../src/link/namespace.ts';
import {
  devicesOf,
  mirrorCommands,
  namespaceCommands,
  pairCommands,
  TAP_DEVICES,
  tapCommands,
  type Command,
} from '../../../src/link/netem/commands.ts';
import { holderProtocol } from '../../../src/link/holder.protocol.ts';
import { nowUs } from '../../../src/measure/clock.ts';
import { createPki } from '../../../src/pki/create.ts';
import { DEFAULT_NEEDS } from '../../../src/pki/needs.ts';
import { startChild, type Child } from '../../../src/process/child.ts';
import { attemptOfClientId } from '../../../src/swarm/names.ts';
import { startWorker } from '../../../src/swarm/swarm.ts';
import type { Attempt } from '../../../src/swarm/workloads/handshake.protocol.ts';
import { median } from '../../../src/stats/median.ts';
import { until } from '../../helpers/processes.ts';
import { dissect } from '../../../src/trace/dissect.ts';
import { AEDES } from '../../helpers/runs.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { hasTun } from '../../helpers/tun.ts';

const MODES = ['plain', 'tls12', 'tls13'];
const CONNECTIONS = 30;
/** A discipline that every kernel has in the place of netem: less than the clients send, so that their packets wait. */
const SLOW = `qdisc add dev ${devicesOf(0).client} root tbf rate 100kbit burst 1600 limit 1000000`;
/** Namespaces are to be had where TUN is. */
const here = await hasTun();

type Holder = Child<typeof holderProtocol>;

// Where netem is, another discipline stands: the kernels of most machines lack it, and the tap has nothing of it.
test.skipIf(!here)(
  'netem’s tap tells each connection of a pair of namespaces, and agrees with the broker',
  async () => {
    const flows: Flow[] = [];
    const records: BrokerRecord[] = [];
    const attempts: Attempt[] = [];
    const packets: RecordedPacket[] = [];
    const onCrash = (error: Error): void => {
      throw error;
    };
    const start = (name: string, prefix: readonly string[]): Promise<Holder> =>
      startChild(holderProtocol, {
        module: new URL('../../../src/link/holder.child.ts', import.meta.url),
        name,
        prefix,
        onEvent: (event) =>
          void ('flows' in event ? flows.push(...event.flows) : packets.push(...event.packets)),
        onCrash,
      });
    const client = await start('client', newNamespace());
    const broker = await start('broker', besideNamespace(client.pid));
    const run = async (commands: readonly Command[]): Promise<void> => {
      for (const { side, argv } of commands)
        await (side === 'client' ? client : broker).call('run', { argv: [...argv] });
    };
    const pkiFolder = join(temporaryFolder(), 'pki');
    await mkdir(pkiFolder, { mode: 0o700 });
    await createPki(pkiFolder, [DEFAULT_NEEDS]);
    try {
      await run(namespaceCommands());
      await run(tapCommands(String(broker.pid)));
      await broker.call('watch', { device: TAP_DEVICES.broker, records: false });
      await client.call('watch', { device: TAP_DEVICES.client, records: true });
      await run(pairCommands({ index: 0, brokerNamespace: String(broker.pid) }));
      await run(mirrorCommands(0));
      await run([{ side: 'client', argv: ['tc', ...SLOW.split(' ')] }]);
      const host = addressesOf(0).broker;
      for (const side of ['broker', 'client'] as const)
        await (side === 'client' ? client : broker).call('follow', {
          linkId: 'near',
          brokerAddress: host,
          device: devicesOf(0)[side],
        });

      const running = await aedes.start({
        host,
        modes: MODES,
        pkiFolder,
        choice: AEDES,
        prefix: enterNamespace(broker.pid),
        onRecord: (record) => records.push(record),
        onRefusal: () => {},
        onCrash,
      });
      const worker = await startWorker({
        name: 'publishers',
        prefix: enterNamespace(client.pid),
        onEvent: (event) => void (event.kind === 'attempts' && attempts.push(...event.attempts)),
        onCrash,
      });
      const targets = MODES.map((mode, cell) => {
        const { port = 0 } = running.listeners.get(mode) ?? {};
        return { cell, mode, host, port, modelledConnectMs: 0 };
      });
      await worker.call('prepare', { pkiFolder, targets });
      await worker.call('handshake', {
        action: 'publish',
        qos: 1,
        client: 'mqttjs',
        payloadBytes: 64,
        timeoutMs: 10_000,
        startUs: nowUs() + 100_000,
        arrivals: Array.from({ length: CONNECTIONS }, (_, id) => ({
          id,
          cell: id % MODES.length,
          atMs: id * 40,
        })),
      });
      await until('every connection is told', () => flows.length === CONNECTIONS);
      await running.flush();
      await broker.call('flush', { all: true });
      await client.call('flush', { all: true });
      await worker.stop();
      await running.stop();
    } finally {
      await broker.stop();
      await client.stop();
    }

    expect(attempts.filter(({ failure }) => failure !== undefined)).toEqual([]);
    const differencesUs = attempts.map(({ id, local, dialledPort, stampsUs }) => {
      const record = records.find(({ clientId }) => attemptOfClientId(clientId) === id);
      const flow = flows.find(
        ({ client: { port }, dialledPort: dialled }) => port === local?.port && dialled === dialledPort,
      );
      const { atBroker, flights = [], acceptedUs = NaN, openedUs = NaN, tls } = flow ?? {};
      expect(flow?.linkId).toBe('near');
      expect(tls === undefined).toBe(id % MODES.length === 0);
      expect(tls?.incomplete).toBe(undefined);
      expect(openedUs).toBeLessThan(acceptedUs);
      expect(flights.length).toBeGreaterThanOrEqual(4);
      for (const [index, { from }] of flights.entries())
        expect(from).toBe(index % 2 === 0 ? 'client' : 'broker');
      const publish = atBroker?.publishReceivedUs ?? atBroker?.nextReceivedUs ?? NaN;
      expect(publish).toBeLessThan(stampsUs.pubackReceived ?? NaN);
      return [
        [record?.acceptedUs, atBroker?.acceptedUs],
        [record?.connectReceivedUs, atBroker?.connectReceivedUs],
        [record?.connackSentUs, atBroker?.connackSentUs],
        [record?.publishReceivedUs, publish],
      ].map(([stamp = NaN, seen = NaN]) => stamp - seen);
    });
    expect(differencesUs).toHaveLength(CONNECTIONS);
    // At the client's end its packets are recorded as they leave, before they wait, and the broker's as they come.
    for (const { local, stampsUs } of attempts) {
      const own = packets.filter(({ bytes }) => {
        const segment = readSegment(bytes);
        return segment?.sourcePort === local?.port || segment?.destinationPort === local?.port;
      });
      const { rows } = dissect({
        packets: own.map(({ atUs, from, bytes }) => ({
          timeNs: BigInt(Math.round(atUs * 1000)),
          from,
          bytes,
        })),
        keyLog: '',
      });
      const [syn, answer] = rows;
      expect([syn?.from, syn?.tcp.flags, answer?.from, answer?.tcp.flags]).toEqual([
        'client',
        ['SYN'],
        'broker',
        ['SYN', 'ACK'],
      ]);
      const cameUs = own.find(({ from }) => from === 'broker')?.atUs ?? NaN;
      expect(cameUs).toBeLessThan(stampsUs.tcpConnected ?? NaN);
      const flow = flows.find(({ client: { port } }) => port === local?.port);
      expect(Math.abs((own[0]?.atUs ?? NaN) - (flow?.openedUs ?? NaN))).toBeLessThan(1000);
    }
    for (const instant of [0, 1, 2, 3]) {
      const all = differencesUs.map((differences) => differences[instant] ?? NaN);
      // No broker stamps what has not come; and the kernel's stamps do not hang on when anybody gets to run, so that one
      // connection that nothing held up tells how near the broker's are: far under the 5 ms that packets wait here. How
      // near they are on a quiet machine is what `figures:wire-milestones` measures.
      const least = Math.min(...all);
      expect(least).toBeGreaterThan(0);
      expect(least).toBeLessThan(1500);
    }
    // What leaves is shown before it waits. The bucket lets some through at once, and the two captures have read the
    // monotonic clock each for itself.
    const waitedUs = flows.map(
      ({ flights, atBroker }) => (atBroker.firstFlightUs ?? NaN) - (flights[0]?.leavesUs ?? NaN),
    );
    expect(Math.min(...waitedUs)).toBeGreaterThan(-50);
    expect(median(waitedUs)).toBeGreaterThan(5000);
  },
);
