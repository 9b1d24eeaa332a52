import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveLink } from '../../src/link/spec.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import type { TopologyChoice } from '../../src/topology/topology.ts';
import { AEDES, expectNothingLeft, handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const NULL = resolveLink({ name: 'null', oneWayMs: 0 });
const behind = (name: string, hop: string): TopologyChoice =>
  topologyOf({ name, label: `${hop}-${name}`, hop }, () => NULL);

const withHaproxy = await hasTools('haproxy');
const withMosquitto = await hasTools('mosquitto', 'mosquitto_passwd');

/** Those whose user name or identifier is right, and those whose is not. */
const LET_IN = ['tls12+auth=password', 'tls13+auth=client-id-and-password'];
const REFUSED = 'tls13+auth=password+credentials=wrong-password';

test('what a client shows in CONNECT is checked by the broker behind a hop that ends TLS', async () => {
  const brokers = [AEDES, ...(withMosquitto ? [brokerOf('mosquitto')] : [])];
  const hops = ['node', ...(withHaproxy ? ['haproxy'] : [])];
  const { results, samples } = await measure(
    scenarioWith({
      modes: [...LET_IN, REFUSED],
      links: [NULL],
      brokers,
      topologies: hops.flatMap((hop) => [behind('tls-terminated', hop), behind('tls-reencrypted', hop)]),
      workloads: [handshakes({ action: 'subscribe' })],
      rounds: 3,
    }),
    join(temporaryFolder(), 'run'),
  );
  expect(results.unsupported.map(({ mode, broker, reason }) => `${mode} ${broker}: ${reason}`)).toEqual([]);
  const bad = samples.filter(({ outcome }) => outcome.status !== 'ok');
  expect(bad.map(({ cell, outcome }) => [cell, outcome])).toEqual([]);
  expect(new Set(samples.map(({ cell }) => cell)).size).toBe(3 * 2 * brokers.length * hops.length);
  const told = samples.map(({ cell, milestonesMs, inner }) => ({
    cell,
    refused: milestonesMs.refused !== undefined,
    suback: milestonesMs.subackReceived !== undefined,
    // Who was asked, and how, is known of the broker that tells.
    asked: inner?.broker?.authenticated,
  }));
  expect(told).toEqual(
    told.map(({ cell }) => ({
      cell,
      refused: cell.startsWith(REFUSED),
      suback: !cell.startsWith(REFUSED),
      asked: cell.includes('/aedes/')
        ? cell.includes('client-id')
          ? 'client-id-and-password'
          : 'password'
        : undefined,
    })),
  );
  await expectNothingLeft();
}, 120_000);
