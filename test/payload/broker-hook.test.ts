import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { decryptBeforeDistribution } from '../../src/payload/broker-hook.ts';
import { KeySet } from '../../src/payload/generate.ts';
import { methodNamed } from '../../src/payload/index.ts';
import type { ProtectKeys } from '../../src/payload/keys.ts';
import { ReplayState } from '../../src/payload/replay.ts';
import { Sender } from '../../src/payload/sender.ts';

const TOPIC = 'plant/1/temperature';
const SENDER = 1;

/** A real broker on loopback that decrypts TOPIC, a subscriber to everything, and a maker of clients. */
async function lab(name: string) {
  const method = methodNamed(name);
  const keys = await KeySet.generate(method.needs, [SENDER]);
  const refused: unknown[] = [];
  const state = new ReplayState();
  const broker = await Aedes.createBroker({
    authorizePublish: decryptBeforeDistribution({
      open: (topic, bytes) => (topic === TOPIC ? method.open(topic, bytes, keys.ring, state) : undefined),
      onRefused: (each) => refused.push(each),
    }),
  });
  broker.on('clientError', () => {});
  const server = createServer((socket) => void broker.handle(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    await new Promise<void>((resolve) => broker.close(resolve));
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const client = async (clientId: string): Promise<MqttClient> => {
    const made = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId, reconnectPeriod: 0 });
    onTestFinished(() => void made.end(true));
    return made;
  };
  const got: string[] = [];
  const subscriber = await client('subscriber');
  subscriber.on('message', (_topic, payload) => got.push(payload.toString()));
  await subscriber.subscribeAsync('plant/#', { qos: 1 });
  return { method, publisherKeys: keys.publisher(SENDER), refused, client, got };
}

/** Waits until what was awaited is there; the test's own limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

test.each(['aes-128-gcm', 'hpke-auth-x25519', 'ed25519'])(
  '%s: the broker distributes in clear what is genuine',
  async (name) => {
    const { method, publisherKeys, client, got, refused } = await lab(name);
    const publisher = await client('publisher');
    const sender = new Sender(method);
    for (const text of ['21.5', '21.6']) {
      await publisher.publishAsync(TOPIC, sender.protect(TOPIC, Buffer.from(text), publisherKeys), {
        qos: 1,
      });
    }
    await publisher.publishAsync('plant/2/open', 'not protected', { qos: 1 });
    await until(() => got.length === 3);
    expect(got).toEqual(['21.5', '21.6', 'not protected']);
    expect(refused).toEqual([]);
  },
);

/** What three kinds of attackers publish. */
const ATTEMPTS: [string, string, (protect: (text: string) => Buffer) => Buffer[]][] = [
  ['tampered with', 'authentication', (protect) => [flipped(protect('99'))]],
  ['in clear', 'malformed', () => [Buffer.from('99')]],
  [
    'replayed',
    'replayed',
    (protect) => {
      const bytes = protect('21.5');
      return [bytes, bytes];
    },
  ],
];

test.each(ATTEMPTS)(
  'a message that is %s is not distributed, and ends the connection',
  async (_name, why, make) => {
    const { method, publisherKeys, client, got, refused } = await lab('aes-128-gcm');
    const sender = new Sender(method);
    const protect = (text: string, keys: ProtectKeys = publisherKeys): Buffer =>
      sender.protect(TOPIC, Buffer.from(text), keys);
    const attacker = await client('attacker');
    const closed = new Promise<void>((resolve) => void attacker.once('close', resolve));
    const messages = make(protect);
    for (const bytes of messages) attacker.publish(TOPIC, bytes, { qos: 0 });
    await closed;
    expect(refused).toEqual([{ topic: TOPIC, clientId: 'attacker', why }]);
    // What comes after it shows that it was not merely late.
    const publisher = await client('publisher');
    await publisher.publishAsync(TOPIC, protect('last'), { qos: 1 });
    await until(() => got.includes('last'));
    expect(got).toEqual([...messages.slice(1).map(() => '21.5'), 'last']);
  },
);

function flipped(bytes: Buffer): Buffer {
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return bytes;
}
