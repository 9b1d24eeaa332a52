import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveLink } from '../../src/link/spec.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { AEDES, expectNothingLeft, handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = (await hasTun()) && (await hasTools('mosquitto', 'nft', 'wireguard-go'));

const OUTER_MS = 20;
const INNER_MS = 5;
const INNER = resolveLink({ name: 'inner', oneWayMs: INNER_MS });
const TOPOLOGIES = [
  { name: 'firewall' },
  { name: 'redundant-firewalls' },
  { name: 'vpn', kind: 'wireguard', warm: true },
];
/** Trips to first data over each of both links. */
const TRIPS = { plain: 3, tls12: 7, tls13: 5 };

test.skipIf(!here)(
  'behind routers and tunnels the link that ends at the broker tells of it, also of one that is not the bench’s own',
  { retry: 2, timeout: 240_000 },
  async () => {
    const { results, samples } = await measure(
      scenarioWith({
        modes: Object.keys(TRIPS),
        // The clients' link has the inner one's name: which of the two a connection was seen on is no matter of names.
        links: [resolveLink({ name: 'inner', oneWayMs: OUTER_MS })],
        brokers: [AEDES, brokerOf('mosquitto')],
        topologies: TOPOLOGIES.map((topology) => topologyOf<string>(topology, () => INNER)),
        workloads: [handshakes({ connectionsPerSecond: 25 })],
        rounds: 8,
      }),
      join(temporaryFolder(), 'run'),
      { backend: 'tun' },
    );
    expect(results.complete).toBe(true);
    expect(results.cells).toHaveLength(2 * TOPOLOGIES.length * Object.keys(TRIPS).length);
    for (const cell of results.cells) {
      const { id, mode, samples: counts } = cell as CellResult & { mode: keyof typeof TRIPS };
      expect([id, counts]).toEqual([id, expect.objectContaining({ attempted: 8, ok: 8 })]);
      // Every trip over both links, and a tenth of one for compute and a busy machine.
      const leastMs = TRIPS[mode] * (OUTER_MS + INNER_MS);
      const own = samples.filter((sample) => sample.cell === id);
      for (const { milestonesMs, wireMs = {}, startLateMs } of own) {
        for (const at of [milestonesMs.connectReceived, wireMs.connectReceived])
          expect([id, (at ?? 0) - startLateMs > leastMs - 0.5]).toEqual([id, true]);
        // The SYN is a trip over each link on its way, and CONNACK comes as long after the broker wrote it.
        expect([id, (milestonesMs.tcpAccepted ?? 0) - startLateMs > OUTER_MS + INNER_MS - 0.5]).toEqual([
          id,
          true,
        ]);
        const back = (milestonesMs.connackReceived ?? 0) - (wireMs.connackSent ?? Infinity);
        expect([id, back > OUTER_MS + INNER_MS - 0.5]).toEqual([id, true]);
      }
      const quickest = Math.min(...own.map(({ milestonesMs }) => milestonesMs.connectReceived ?? Infinity));
      expect([id, quickest < leastMs + 0.8 * OUTER_MS]).toEqual([id, true]);
      expect([id, own.every(({ milestonesMs }) => milestonesMs.publishReceived !== undefined)]).toEqual([
        id,
        true,
      ]);
      expect([id, own.every(({ tls }) => (tls?.suite !== undefined) === (mode !== 'plain'))]).toEqual([
        id,
        true,
      ]);
      // What Aedes stamps itself is a moment after the wire, which only its computing and a busy machine make longer.
      const apart = own.map(({ milestonesMs, wireMs = {} }) =>
        Math.abs((milestonesMs.connectReceived ?? Infinity) - (wireMs.connectReceived ?? 0)),
      );
      expect([id, Math.min(...apart) < 3]).toEqual([id, true]);
    }
    await expectNothingLeft();
  },
);
