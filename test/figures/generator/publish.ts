import mqtt from 'mqtt';
import type * as z from 'zod';
import { nowUs } from '../../../src/measure/clock.ts';
import type { Target } from '../../../src/swarm/targets.ts';
import { Publishing } from '../../../src/swarm/workloads/publishing.ts';
import type { PublishJob } from '../../../src/swarm/workloads/pubsub.protocol.ts';
import type { doneSchema, Order } from './order.ts';

type Publish = Extract<Order, { kind: 'publish' }>;
/** Sends so many messages, and answers when the last has been given to the socket. */
type Send = (messages: number) => Promise<void>;

/** Messages before what counts: until then code is compiled and the connection finds its pace. */
const WARM_UP = 20_000;
const TIMEOUT_MS = 120_000;

/** Publishes at QoS 0 as fast as it goes over one connection. */
export async function publishAll(target: Target, order: Publish): Promise<z.infer<typeof doneSchema>> {
  const { send, end } = await (order.generator === 'bare'
    ? ownLoop(target, order)
    : workload(target, order, order.generator));
  await send(WARM_UP);
  const before = { atUs: nowUs(), cpu: process.cpuUsage() };
  await send(order.messages);
  const seconds = (nowUs() - before.atUs) / 1e6;
  const { user, system } = process.cpuUsage(before.cpu);
  await end();
  return { count: order.messages, seconds, cpuSeconds: (user + system) / 1e6 };
}

/** The loop of mqtt.js' own benchmark (benchmarks/bombing.js): the next message in the turn after the callback of the last. */
async function ownLoop(
  { host, port }: Target,
  { payloadBytes }: Publish,
): Promise<{ send: Send; end: () => Promise<void> }> {
  const client = await mqtt.connectAsync({ host, port, protocol: 'mqtt' });
  const payload = Buffer.alloc(payloadBytes, 'm');
  const send: Send = (messages) =>
    new Promise((resolve, reject) => {
      let left = messages;
      const next = (error?: Error): void => {
        if (error) return reject(error);
        if (left-- === 0) return resolve();
        client.publish('test', payload, (failed) => setImmediate(next, failed));
      };
      next();
    });
  return { send, end: () => client.endAsync() };
}

/** The publishers of `pubsub`, of which there is one: every message with its intended time, its sending time and its number. */
async function workload(
  target: Target,
  { payloadBytes }: Publish,
  client: 'lean' | 'mqttjs',
): Promise<{ send: Send; end: () => Promise<void> }> {
  const publishing = new Publishing(target, (reason) => {
    throw new Error(reason);
  });
  const job: Omit<PublishJob, 'startUs' | 'ratePerPublisher'> = {
    cell: target.cell,
    seconds: 1,
    publishers: [{ index: 0, phase: 0 }],
    client,
    payloadBytes,
    qos: 0,
    timeoutMs: TIMEOUT_MS,
  };
  await publishing.connect({ ...job, ratePerPublisher: 1 });
  const send: Send = async (messages) => {
    // All were due in a second that is over: the pacer fires as fast as it can.
    const overdue = { ratePerPublisher: messages, startUs: nowUs() - 2e6 };
    const { unacknowledged } = await publishing.publish({ ...job, ...overdue });
    if (unacknowledged > 0) throw new Error(`${unacknowledged} of ${messages} messages were not sent`);
  };
  return { send, end: () => publishing.close() };
}
