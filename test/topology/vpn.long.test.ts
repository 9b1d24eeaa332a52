import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveLink } from '../../src/link/spec.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { expectNothingLeft, handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = (await hasTun()) && (await hasTools('wireguard-go', 'openvpn', 'setpriv', 'mount'));

const OUTER = resolveLink({ name: 'outer', oneWayMs: 34 });
const INNER = resolveLink({ name: 'inner', oneWayMs: 5 });
const NULL = resolveLink({ name: 'null', oneWayMs: 0 });

/** Trips over the outer link until a cold tunnel is up. */
const KINDS = [
  { kind: 'wireguard', before: 2, mode: 'tls13-resumed', trips: 5 },
  { kind: 'openvpn', before: 8, mode: 'plain', trips: 3 },
] as const;

test.skipIf(!here).each(KINDS)(
  'a cold tunnel of $kind costs $before trips over the outer link, each time, and a warm one none',
  { retry: 2, timeout: 150_000 },
  async ({ kind, before, mode, trips }) => {
    const { results, samples } = await measure(
      scenarioWith({
        modes: [mode],
        links: [OUTER, NULL],
        topologies: [true, false].map((warm) =>
          topologyOf<string>({ name: 'vpn', kind, label: warm ? 'warm' : 'cold', warm }, () => INNER),
        ),
        workloads: [handshakes({ connectionsPerSecond: 8 })],
        // More connections than there are cold tunnels: each is used again.
        rounds: 14,
      }),
      join(temporaryFolder(), 'run'),
      { backend: 'tun' },
    );
    expect(results.complete).toBe(true);
    const cellOf = (link: string, topology: string): CellResult => {
      const found = results.cells.find((one) => one.link === link && one.topology === topology);
      if (found === undefined) throw new Error(`No cell ${link}/${topology}`);
      return found;
    };
    // A busy machine delays many; the fastest ones tell what cannot be saved.
    const fastestMs = (link: string, topology: string): number =>
      Math.min(
        ...samples
          .filter(({ cell }) => cell === cellOf(link, topology).id)
          .map(({ milestonesMs, startLateMs }) => (milestonesMs.connectReceived ?? Infinity) - startLateMs),
      );
    for (const [topology, more] of [
      ['warm', 0],
      ['cold', before],
    ] as const) {
      const far = cellOf('outer', topology);
      expect(far.samples).toMatchObject({ attempted: 14, ok: 14 });
      expect(fastestMs('outer', topology)).toBeGreaterThan(34 * (trips + more) + 5 * trips - 1);
      expect(fastestMs('outer', topology)).toBeLessThan(34 * (trips + more + 0.9) + 5 * trips);
      expect(fastestMs('null', topology)).toBeGreaterThan(5 * trips - 1);
      // The link behind the gateway says when the broker answered the SYN, and what it was in the tunnel.
      expect(far.milestones.tcpAccepted?.minMs).toBeGreaterThan(34 * (1 + more) + 5 - 1);
      const own = samples.filter(({ cell }) => cell === far.id);
      expect(own.every(({ wireMs }) => wireMs?.connectReceived !== undefined)).toBe(true);
      expect(own.every(({ tls }) => (tls !== undefined) === (mode !== 'plain'))).toBe(true);
    }
    await expectNothingLeft();
  },
);
