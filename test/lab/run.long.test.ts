import { expect, test } from 'vitest';
import { run } from '../../src/lab/run.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import type { Workload } from '../../src/swarm/workloads/settings/index.ts';
import {
  AEDES,
  expectNothingLeft,
  handshakes,
  once,
  quickestIn,
  freshOptions,
  samplesIn,
  scenarioWith,
} from '../helpers/runs.ts';

const HANDSHAKE = handshakes({ connectionsPerSecond: 40 });

test('subscribe and QoS 2 pass their own milestones', async () => {
  const plan = makePlan(
    scenarioWith({
      modes: ['tls13'],
      links: [resolveLink({ name: 'near', oneWayMs: 5 })],
      workloads: [
        { ...HANDSHAKE, action: 'subscribe' },
        { ...HANDSHAKE, qos: 2 },
      ],
    }),
  );
  const given = freshOptions();
  const { cells } = await run(plan, given);
  expect(cells.map(({ workload, samples }) => [workload, samples.ok])).toEqual([
    ['handshake', 6],
    ['handshake-2', 6],
  ]);
  const [subscribed, published] = (await samplesIn(given.folder)).filter(({ round }) => round === 3);
  expect(subscribed?.milestonesMs).toHaveProperty('subackReceived');
  expect(subscribed?.milestonesMs).not.toHaveProperty('publishReceived');
  const { pubrecReceived = 0, pubcompReceived = 0, delivered = 0 } = published?.milestonesMs ?? {};
  // PUBREL and PUBCOMP are two trips; Aedes distributes the message before them (method B).
  expect(pubcompReceived - pubrecReceived).toBeGreaterThan(9);
  expect(Math.abs(delivered - pubrecReceived)).toBeLessThan(5);
}, 60_000);

test("Nagle's algorithm is a factor: both brokers stand beside each other in one run", async () => {
  const given = freshOptions();
  const { cells } = await run(
    makePlan(
      scenarioWith({
        modes: ['tls13'],
        links: [resolveLink({ name: 'null', oneWayMs: 0 })],
        brokers: [AEDES, { ...AEDES, id: 'aedes-nagle', noDelay: false }],
        rounds: 12,
      }),
    ),
    given,
  );
  expect(cells.map(({ broker, samples }) => [broker, samples.ok])).toEqual([
    ['aedes', 12],
    ['aedes-nagle', 12],
  ]);
  const samples = await samplesIn(given.folder);
  const connack = (broker: string): number =>
    quickestIn(samples, `tls13/null/${broker}/`, ({ connackReceived }) => connackReceived);
  // The tickets go out, and CONNACK waits for the client's delayed acknowledgement of about 40 ms.
  expect(connack('aedes-nagle') - connack('aedes')).toBeGreaterThan(20);
}, 60_000);

test('steady load: all messages come through, and both latencies are there', async () => {
  const workload: Workload = {
    kind: 'pubsub',
    publishers: 4,
    subscribers: 2,
    ratePerPublisher: 25,
    payloadBytes: 64,
    qos: 1,
    seconds: 2,
    timeoutMs: 10_000,
    workers: 2,
  };
  const links = [resolveLink({ name: 'near', oneWayMs: 10 })];
  const { cells } = await run(
    makePlan(scenarioWith({ modes: ['tls13'], links, workloads: [workload] })),
    freshOptions(),
  );
  const flow = cells[0]?.throughput;
  expect(flow).toMatchObject({ askedPerSecond: 100, sent: 200, received: 400, lost: 0, publishers: 4 });
  expect(flow?.seconds.map(({ sent }) => sent).reduce((a, b) => a + b)).toBe(200);
  expect(flow?.endToEnd?.minMs).toBeGreaterThan(19);
  expect(flow?.endToEnd?.count).toBe(400);
}, 60_000);

test('interrupted: what was measured is saved and marked', async () => {
  const controller = new AbortController();
  const given = freshOptions({ observer: once(() => controller.abort()), signal: controller.signal });
  const results = await run(makePlan(scenarioWith({ rounds: 500 })), given);
  expect(results).toMatchObject({ complete: false, incompleteBecause: 'The run was interrupted.' });
  const samples = await samplesIn(given.folder);
  expect(samples.length).toBeGreaterThan(4);
  expect(samples.length).toBeLessThan(500);
  const reasons = new Set(
    samples.flatMap(({ outcome }) => (outcome.status === 'ok' ? [] : [outcome.reason])),
  );
  expect([...reasons].filter((reason) => reason !== 'interrupted')).toEqual([]);
  await expectNothingLeft();
}, 60_000);
