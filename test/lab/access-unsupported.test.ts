import { expect, test } from 'vitest';
import { accessSchema } from '../../src/broker/access/choice.ts';
import { findUnsupported } from '../../src/lab/unsupported.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import type { Workload } from '../../src/swarm/workloads/settings/index.ts';
import { pubsubSchema } from '../../src/swarm/workloads/settings/pubsub.ts';
import { handshakes, scenarioWith } from '../helpers/runs.ts';

const LOAD: Workload = pubsubSchema.parse({ kind: 'pubsub' });

/** Why a mode cannot be measured on an Aedes with access management of these settings. */
async function why(access: object, workload: Workload): Promise<string | undefined> {
  const broker = brokerOf({ name: 'aedes', access: accessSchema.parse(access) });
  const scenario = scenarioWith({ modes: ['plain'], brokers: [broker], workloads: [workload] });
  return (await findUnsupported(makePlan(scenario)))[0]?.reason;
}

test('a denial is measured where it refuses whom it is about, and nowhere else', async () => {
  expect(await why({ deny: 'publish' }, handshakes())).toBeUndefined();
  expect(await why({ reachable: false }, handshakes())).toBeUndefined();
  expect(await why({ deny: 'subscribe' }, handshakes({ action: 'subscribe' }))).toBeUndefined();
  expect(await why({ deny: 'subscribe' }, handshakes())).toMatch(/lets nobody subscribe/);
  expect(await why({}, LOAD)).toBeUndefined();
  expect(await why({ deny: 'publish' }, LOAD)).toMatch(/denies clients to publish, and a pubsub workload/);
  expect(await why({ reachable: false }, LOAD)).toMatch(/denies every topic/);
});

test('a broker that was not told who its clients are is not measured as if it had checked them', async () => {
  const modes = ['plain', 'plain+auth=password', 'plain+auth=client-id'];
  const unsupported = async (name: string): Promise<string[]> =>
    (await findUnsupported(makePlan(scenarioWith({ modes, brokers: [brokerOf(name)] }))))
      // Whether it is installed is another matter.
      .filter(({ reason }) => reason.includes('check'))
      .map(({ mode, reason }) => `${mode}: ${reason}`);
  expect(await unsupported('aedes')).toEqual([]);
  expect(await unsupported('mosquitto')).toEqual([]);
  expect(await unsupported('nats')).toEqual([
    'plain+auth=client-id: nats is set up to check password only, not client-id',
  ]);
  expect(await unsupported('rabbitmq')).toEqual([
    'plain+auth=password: rabbitmq is given no means to check who a client is, so `auth` password would not be checked',
    'plain+auth=client-id: rabbitmq is given no means to check who a client is, so `auth` client-id would not be checked',
  ]);
});
