import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NULL_LINK } from '../../src/link/spec.ts';
import { CLIENT_NAMES } from '../../src/swarm/workloads/settings/common.ts';
import { holdSchema } from '../../src/swarm/workloads/settings/hold.ts';
import { pubsubSchema } from '../../src/swarm/workloads/settings/pubsub.ts';
import { stormSchema } from '../../src/swarm/workloads/settings/storm.ts';
import { expectNothingLeft, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test.each(CLIENT_NAMES)(
  'clients of %s in two processes publish, are held and storm in whole runs',
  async (client) => {
    const given = { client, workers: 2 };
    const workloads = [
      pubsubSchema.parse({
        kind: 'pubsub',
        ...given,
        publishers: 5,
        subscribers: 2,
        ratePerPublisher: 20,
        qos: 1,
        seconds: 2,
      }),
      holdSchema.parse({ kind: 'hold', ...given, clients: 41, seconds: 3, keepAliveSeconds: 1 }),
      stormSchema.parse({ kind: 'storm', ...given, clients: 41 }),
    ];
    const { results } = await measure(
      scenarioWith({ modes: ['plain', 'tls13'], links: [NULL_LINK], workloads }),
      join(temporaryFolder(), 'run'),
      { backend: 'none' },
    );
    expect(results.complete).toBe(true);
    expect(results.cells).toHaveLength(2 * workloads.length);
    for (const { id, samples } of results.cells)
      expect([id, samples]).toMatchObject([id, { failed: 0, excluded: 0, reasons: {} }]);
    for (const { id, throughput } of results.cells.filter(({ throughput }) => throughput !== undefined))
      expect([id, throughput]).toMatchObject([id, { sent: 200, received: 400, lost: 0, publishers: 5 }]);
    for (const { id, hold } of results.cells.filter(({ hold }) => hold !== undefined)) {
      expect([id, hold]).toMatchObject([id, { connected: 41, held: 41 }]);
      expect(hold?.pings.answered).toBeGreaterThan(82);
      expect(hold?.pings.answered).toBe(hold?.pings.due);
    }
    for (const { id, storm } of results.cells.filter(({ storm }) => storm !== undefined))
      expect([id, storm]).toMatchObject([id, { connected: 41 }]);
    expect(results.cells.filter(({ throughput, hold, storm }) => throughput ?? hold ?? storm)).toHaveLength(
      results.cells.length,
    );
    await expectNothingLeft();
  },
);
