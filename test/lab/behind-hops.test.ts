import { expect, test } from 'vitest';
import { accessSchema } from '../../src/broker/access/choice.ts';
import { findUnsupported, textOf } from '../../src/lab/unsupported.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { DIRECT } from '../../src/topology/direct.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { profile } from '../../src/link/profiles.ts';
import { scenarioWith } from '../helpers/runs.ts';

const TERMINATED = topologyOf<string>('tls-terminated', (link) => {
  const { id, up, down } = profile(link);
  return { id, up, down };
});

/** What cannot be measured, without what is only not installed here. */
async function leftOut(modes: string[], broker: string): Promise<string[]> {
  const scenario = scenarioWith({ modes, brokers: [brokerOf(broker)], topologies: [DIRECT, TERMINATED] });
  return (await findUnsupported(makePlan(scenario)))
    .filter(({ reason }) => !reason.includes('not installed'))
    .map((out) => `${textOf(out)}: ${out.reason}`);
}

test('a broker is asked for the mode that it has behind a hop', async () => {
  expect(await leftOut(['tls13-psk'], 'nats')).toEqual([
    expect.stringMatching(/^tls13-psk on nats behind direct: .*no pre-shared keys/),
  ]);
  expect(await leftOut(['tls13'], 'nats')).toEqual([]);
});

test('a broker behind such a hop sees what clients show in CONNECT, and no certificate of theirs', async () => {
  expect(await leftOut(['tls13+auth=password', 'mtls13+auth=x509'], 'aedes')).toEqual([
    expect.stringMatching(/^mtls13\+auth=x509 behind tls-terminated: .*shown to the hop/),
  ]);
});

test('no delay of access management may be longer than its answer is waited for, for any mode', () => {
  const parsed = accessSchema.safeParse({ delayMsByMode: { tls13: 9000 } });
  expect(parsed.error?.issues).toMatchObject([
    {
      path: ['delayMsByMode', 'tls13'],
      message: expect.stringContaining('less than timeoutMs, 5000') as unknown,
    },
  ]);
});
