import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveLink, type LinkSpec } from '../../src/link/spec.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { expectNothingLeft, handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = (await hasTun()) && (await hasTools('nft'));

const OUTER = resolveLink({ name: 'outer', oneWayMs: 34 });
const INNER = resolveLink({ name: 'inner', oneWayMs: 5 });
const NULL = resolveLink({ name: 'null', oneWayMs: 0 });

async function run(topologies: readonly object[], inner: LinkSpec = INNER): Promise<Results> {
  const { results } = await measure(
    scenarioWith({
      modes: ['plain', 'tls13'],
      links: [OUTER, NULL],
      topologies: topologies.map((each) => topologyOf<string>(each as { name: string }, () => inner)),
      workloads: [handshakes({ connectionsPerSecond: 20, timeoutMs: 1500 })],
      rounds: 12,
    }),
    join(temporaryFolder(), 'run'),
    { backend: 'tun' },
  );
  expect(results.complete).toBe(true);
  expect(results.unsupported).toEqual([]);
  return results;
}

function cellOf({ cells }: Results, mode: string, link: string, topology: string): CellResult {
  const found = cells.find((one) => one.mode === mode && one.link === link && one.topology === topology);
  if (found === undefined) throw new Error(`No cell ${mode}/${link}/${topology}`);
  return found;
}

test.skipIf(!here)(
  'every packet crosses the firewall and the link behind it; in a DMZ only the message to the subscriber does',
  { retry: 2, timeout: 120_000 },
  async () => {
    const results = await run([{ name: 'firewall' }, { name: 'dmz' }]);
    for (const [mode, trips] of [
      ['plain', 3],
      ['tls13', 5],
    ] as const) {
      const through = cellOf(results, mode, 'outer', 'firewall');
      expect(through.samples).toMatchObject({ attempted: 12, ok: 12 });
      expect(through.trips.connectReceived).toMatchObject({ predicted: trips, inner: { predicted: trips } });
      expect(through.trips.connectReceived?.inferred).toBeCloseTo(trips, 0);
      // What is over the null link is the inner link's, and the machine's own.
      const innerMs = cellOf(results, mode, 'null', 'firewall').milestones.connectReceived?.minMs ?? 0;
      expect(innerMs).toBeGreaterThanOrEqual(5 * trips - 0.5);
      expect(innerMs).toBeLessThan(5 * trips + 15);
      const aside = cellOf(results, mode, 'outer', 'dmz');
      expect(aside.samples).toMatchObject({ attempted: 12, ok: 12 });
      expect(aside.trips.connectReceived).toMatchObject({ predicted: trips, inner: { predicted: 0 } });
      expect(aside.trips.connectReceived?.inferred).toBeCloseTo(trips, 0);
      expect(aside.trips.delivered).toMatchObject({ predicted: trips + 2, inner: { predicted: 1 } });
      expect(cellOf(results, mode, 'null', 'dmz').milestones.connectReceived?.minMs).toBeLessThan(10);
      expect(cellOf(results, mode, 'null', 'dmz').milestones.delivered?.minMs).toBeGreaterThanOrEqual(4.5);
    }
    await expectNothingLeft();
  },
);

test.skipIf(!here)(
  'a closed port is told by a reset after one round trip, or by nothing until the client gives up',
  { retry: 2, timeout: 120_000 },
  async () => {
    const results = await run([
      { name: 'firewall', label: 'rejects', closed: 'reject' },
      { name: 'firewall', label: 'drops', closed: 'drop' },
    ]);
    for (const mode of ['plain', 'tls13']) {
      const rejects = cellOf(results, mode, 'outer', 'rejects');
      expect(rejects.samples).toMatchObject({ attempted: 12, ok: 12 });
      expect(rejects.trips.refused).toMatchObject({ predicted: 2, inner: { predicted: 0 } });
      expect(rejects.trips.refused?.inferred).toBeCloseTo(2, 0);
      // The router says so itself: not even the null link's clients wait for the inner link.
      expect(cellOf(results, mode, 'null', 'rejects').milestones.refused?.minMs).toBeLessThan(5);
      const drops = cellOf(results, mode, 'outer', 'drops');
      expect(drops.samples).toMatchObject({ attempted: 12, ok: 12 });
      expect(drops.milestones.refused?.minMs).toBeGreaterThanOrEqual(1490);
      expect(drops.trips.refused).toBeUndefined();
      expect(drops.milestones.tcpConnected).toBeUndefined();
    }
  },
);
