import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NULL_LINK } from '../../src/link/spec.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { MAX_PAYLOAD_BYTES } from '../../src/swarm/workloads/settings/common.ts';
import { handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const BROKERS = {
  aedes: [],
  mosquitto: ['mosquitto'],
  nats: ['nats-server'],
  rabbitmq: ['rabbitmq-server', 'epmd'],
} as const;
const present: string[] = [];
for (const [name, tools] of Object.entries(BROKERS)) if (await hasTools(...tools)) present.push(name);

test(`the largest payload that a scenario may ask for passes ${present.join(', ')}`, async () => {
  const { results, samples } = await measure(
    scenarioWith({
      modes: ['plain', 'tls13'],
      links: [NULL_LINK],
      brokers: present.map((name) => brokerOf(name)),
      workloads: [handshakes({ payloadBytes: MAX_PAYLOAD_BYTES, qos: 1, connectionsPerSecond: 5 })],
      rounds: 2,
    }),
    join(temporaryFolder(), 'run'),
  );
  expect(results.unsupported).toEqual([]);
  expect(new Set(samples.map(({ cell }) => cell)).size).toBe(2 * present.length);
  for (const { cell, outcome, milestonesMs } of samples) {
    expect([cell, outcome]).toEqual([cell, { status: 'ok' }]);
    expect(milestonesMs.delivered).toBeGreaterThan(0);
  }
}, 120_000);
