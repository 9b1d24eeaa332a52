import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import type { TopologyChoice } from '../../src/topology/topology.ts';
import { expectNothingLeft, handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

function behind(name: string): TopologyChoice {
  return topologyOf<string>({ name, innerLink: 'null' }, () => resolveLink({ name: 'null', oneWayMs: 0 }));
}

/** Mosquitto ends at its start with a key that its OpenSSL does not have. */
const REFUSED = expect.stringContaining("the broker's TLS stack says: ") as unknown;
const KEY = 'tls13+key=ml-dsa-44';

async function measured(modes: string[], topologies: string[]) {
  const scenario = scenarioWith({
    modes,
    brokers: [brokerOf('mosquitto')],
    links: [NULL_LINK],
    topologies: topologies.map(behind),
    workloads: [handshakes({ action: 'subscribe' })],
    rounds: 2,
  });
  const { results } = await measure(scenario, join(temporaryFolder(), 'run'));
  await expectNothingLeft();
  for (const { id, samples } of results.cells) expect([id, samples.ok]).toEqual([id, 2]);
  return { unsupported: results.unsupported, cells: results.cells.map(({ id }) => id) };
}

describe.runIf(await hasTools('mosquitto'))('a broker that does not start with a mode', () => {
  it('in which a hop would dial it: the cells behind the hop are left out, and named', async () => {
    const mode = `${KEY}+pipelined=true`;
    expect(await measured(['tls13', mode], ['tls-reencrypted'])).toEqual({
      unsupported: [{ mode, broker: 'mosquitto', reason: REFUSED }],
      cells: ['tls13/null/mosquitto/tls-reencrypted/handshake'],
    });
  });

  it('of its clients: those behind a hop that dials it in another one stay', async () => {
    const found = await measured(['tls13', KEY], ['direct', 'tls-terminated', 'tls-reencrypted']);
    expect(found.unsupported).toEqual(
      ['direct', 'tls-reencrypted'].map((topology) => ({
        mode: KEY,
        broker: 'mosquitto',
        topology,
        reason: REFUSED,
      })),
    );
    expect(found.cells.toSorted()).toEqual([
      'tls13+key=ml-dsa-44/null/mosquitto/tls-terminated/handshake',
      'tls13/null/mosquitto/direct/handshake',
      'tls13/null/mosquitto/tls-reencrypted/handshake',
      'tls13/null/mosquitto/tls-terminated/handshake',
    ]);
  });

  it('and behind a hop in front of which nothing is to be tried: all are measured', async () => {
    expect(await measured([KEY], ['tls-terminated'])).toEqual({
      unsupported: [],
      cells: ['tls13+key=ml-dsa-44/null/mosquitto/tls-terminated/handshake'],
    });
  });
});
