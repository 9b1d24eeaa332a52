import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { RunningBroker } from '../../src/broker/broker.ts';
import { external } from '../../src/broker/external.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { NULL_LINK } from '../../src/link/spec.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { startAedes } from '../helpers/broker.ts';
import { holdings, urlsOf } from '../helpers/external.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { expectNothingLeft, handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { freePort, tcpServer } from '../helpers/tcp.ts';
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
  process.env['MQTT_PSK_IDENTITY'] = psk.identity;
  process.env['MQTT_PSK_KEY'] = psk.key.toString('hex');
  const choice = choose({ pskIdentity: 'env:MQTT_PSK_IDENTITY', pskKey: 'env:MQTT_PSK_KEY' });
  const { results } = await measure(
    scenarioWith({
      modes: MODES,
      brokers: [choice],
      links: [NULL_LINK],
      workloads: [handshakes({ connectionsPerSecond: 50 })],
    }),
    join(temporaryFolder(), 'run'),
    { targetIsMine: true },
  );
  expect(results.cells.map(({ mode, samples: { ok, attempted } }) => ({ mode, ok, attempted }))).toEqual(
    MODES.map((mode) => ({ mode, ok: 6, attempted: 6 })),
  );
  for (const { milestones, brokerSide } of results.cells) {
    expect(brokerSide?.source).toBe('wire');
    expect(milestones.connackReceived?.count).toBeGreaterThan(0);
    expect(milestones.connectReceived?.count).toBeGreaterThan(0);
  }
  await expectNothingLeft();
});
