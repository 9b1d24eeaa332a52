import { expect, test } from 'vitest';
import { qos2Lack } from '../../src/broker/nats.ts';
import { qosLacks } from '../../src/lab/qos-lacks.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { pubsubSchema } from '../../src/swarm/workloads/settings/pubsub.ts';
import { handshakes, scenarioWith, wakes } from '../helpers/runs.ts';

const BROKERS = [brokerOf('aedes'), brokerOf('mosquitto'), brokerOf('rabbitmq')];

test('who publishes at QoS 2 is left out where the broker has no such thing, and nobody else', async () => {
  const workloads = [wakes({ qos: 2 }), pubsubSchema.parse({ kind: 'pubsub', qos: 1 })];
  const lacks = await qosLacks(
    makePlan(scenarioWith({ modes: ['plain', 'tls13'], brokers: BROKERS, workloads })),
  );
  expect(lacks).toEqual(
    ['plain', 'tls13'].map((mode) => ({
      mode,
      broker: 'rabbitmq',
      workload: 'wake',
      reason: "RabbitMQ's MQTT plug-in has QoS 0 and 1 only",
    })),
  );
});

test.each([
  ['publish', 1],
  ['subscribe', 0],
] as const)('a handshake that ends with %s', async (action, count) => {
  const workloads = [handshakes({ action, qos: 2 })];
  const lacks = await qosLacks(makePlan(scenarioWith({ modes: ['plain'], brokers: BROKERS, workloads })));
  expect(lacks).toHaveLength(count);
});

test('NATS has it since 2.10', () => {
  expect(['2.9.10', '2.10.0', '2.14.3', '3.0.0'].map((each) => qos2Lack(`nats-server ${each}`))).toEqual([
    'nats-server 2.9.10 takes no messages of QoS 2, which is new in 2.10',
    undefined,
    undefined,
    undefined,
  ]);
});
