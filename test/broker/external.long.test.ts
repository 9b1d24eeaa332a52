import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { RunningBroker } from '../../src/broker/broker.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { BROKER_NAME } from '../../src/pki/material.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { startAedes } from '../helpers/broker.ts';
import { holdings, setVariables, urlsOf } from '../helpers/external.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { handshakes, measure, privateFolders, scenarioWith } from '../helpers/runs.ts';
import { sharedFolders, temporaryFolder } from '../helpers/temporary-folder.ts';

const MODES = ['plain', 'tls12', 'tls13', 'mtls13', 'tls13-resumed', 'tls12-psk'];
const newFolder = sharedFolders();
let pki: Pki;
/** A broker of somebody else's, with certificates of its own. */
let broker: RunningBroker;
beforeAll(async () => {
  pki = await makePki(newFolder());
  let end = (): Promise<void> => Promise.resolve();
  ({ broker } = await startAedes(pki.folder, { modes: MODES }, (stop) => (end = stop)));
  return () => end();
});

/** The scenario's choice of a broker that runs already. */
function choose(changes: Record<string, unknown> = {}) {
  return brokerOf({ name: 'external', urls: urlsOf(broker, MODES), ...holdings(pki.folder), ...changes });
}

test('measures a broker that runs already, whose certificates are not those of the run', async () => {
  const { psk } = pki.client;
  setVariables({ MQTT_PSK_IDENTITY: psk.identity, MQTT_PSK_KEY: psk.key.toString('hex') });
  const choice = choose({ pskIdentity: 'env:MQTT_PSK_IDENTITY', pskKey: 'env:MQTT_PSK_KEY' });
  const { results, samples } = await measure(
    scenarioWith({
      modes: MODES,
      brokers: [choice],
      links: [resolveLink({ name: 'near', oneWayMs: 10 })],
      workloads: [handshakes({ connectionsPerSecond: 40 })],
    }),
    join(temporaryFolder(), 'run'),
    { targetIsMine: true, backend: 'auto' },
  );
  expect(results.cells.map(({ mode, samples: { ok, attempted } }) => ({ mode, ok, attempted }))).toEqual(
    MODES.map((mode) => ({ mode, ok: 6, attempted: 6 })),
  );
  // Namespaces do not lead to it.
  expect(results.links).toMatchObject([{ backend: 'proxy' }]);
  expect(results.processes.map(({ role }) => role)).toEqual([
    'link proxy',
    'publishers',
    'subscribers',
    'runner',
  ]);
  for (const { outcome, milestonesMs, negotiated } of samples) {
    expect(outcome).toEqual({ status: 'ok' });
    // Three trips at the least: on the wire it is seen that they were made.
    expect(milestonesMs.connectReceived).toBeGreaterThan(28);
    expect(negotiated.client?.peerName ?? BROKER_NAME).toBe(BROKER_NAME);
  }
  expect(privateFolders()).toEqual([]);
});
