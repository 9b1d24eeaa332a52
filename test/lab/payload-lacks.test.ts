import { expect, test } from 'vitest';
import { findUnsupported, without } from '../../src/lab/unsupported.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import type { Workload } from '../../src/swarm/workloads/settings/index.ts';
import { pubsubSchema } from '../../src/swarm/workloads/settings/pubsub.ts';
import { handshakes, scenarioWith } from '../helpers/runs.ts';

const END_TO_END: Workload = pubsubSchema.parse({
  kind: 'pubsub',
  protection: { method: 'aes-128-gcm', place: 'end-to-end' },
});
const TO_BROKER: Workload = pubsubSchema.parse({
  kind: 'pubsub',
  protection: { method: 'aes-128-gcm', place: 'client-to-broker' },
});

test('only Aedes on the pinned Node opens payloads; the same brokers do everything else', async () => {
  const brokers = [
    brokerOf('aedes'),
    brokerOf({ name: 'aedes', runtime: 'node-22' }),
    brokerOf('mosquitto'),
    brokerOf('nats'),
    brokerOf('rabbitmq'),
  ];
  const workloads = [handshakes(), pubsubSchema.parse({ kind: 'pubsub' }), END_TO_END, TO_BROKER];
  const plan = makePlan(scenarioWith({ modes: ['plain'], brokers, workloads }));
  const unsupported = (await findUnsupported(plan)).filter(({ workload }) => workload !== undefined);
  const workload = 'pubsub+protection=aes-128-gcm@client-to-broker';
  const reason = (name: string): string =>
    `${name} distributes payloads as they come: it has no way to open them`;
  expect(unsupported).toEqual([
    {
      mode: 'plain',
      broker: 'aedes-node-22',
      workload,
      reason:
        'aedes opens payloads before it distributes them on the pinned Node only, not on Node 22 (OpenSSL 3.0)',
    },
    ...['mosquitto', 'nats', 'rabbitmq'].map((broker) => ({
      mode: 'plain',
      broker,
      workload,
      reason: reason(broker),
    })),
  ]);
  const left = without(plan, unsupported).cells.filter(({ workloadId }) => workloadId === workload);
  expect(new Set(left.map(({ broker }) => broker.id))).toEqual(new Set(['aedes']));
  expect(without(plan, unsupported).cells.filter(({ broker }) => broker.name === 'mosquitto')).toHaveLength(
    2 * 3,
  );
});

test('a run of nothing else is an error that says why', async () => {
  const plan = makePlan(
    scenarioWith({ modes: ['plain'], brokers: [brokerOf('mosquitto')], workloads: [TO_BROKER] }),
  );
  const unsupported = await findUnsupported(plan);
  expect(() => without(plan, unsupported)).toThrow(/mosquitto distributes payloads as they come/);
});
