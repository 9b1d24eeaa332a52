import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveLink } from '../../src/link/spec.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { expectNothingLeft, handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const here = (await hasTun()) && (await hasTools('wireguard-go', 'setpriv', 'mount'));

const OUTER = resolveLink({ name: 'outer', oneWayMs: 34 });
const INNER = resolveLink({ name: 'inner', oneWayMs: 5 });
const NULL = resolveLink({ name: 'null', oneWayMs: 0 });

test.skipIf(!here)(
  'a cold WireGuard tunnel costs two trips over the outer link, each time, and a warm one none',
  { retry: 2, timeout: 120_000 },
  async () => {
    const { results, samples } = await measure(
      scenarioWith({
        modes: ['plain', 'tls13-resumed'],
        links: [OUTER, NULL],
        topologies: [true, false].map((warm) =>
          topologyOf<string>({ name: 'vpn', label: warm ? 'warm' : 'cold', warm }, () => INNER),
        ),
        workloads: [handshakes({ connectionsPerSecond: 12 })],
        // More connections than there are cold tunnels: each is used again.
        rounds: 14,
      }),
      join(temporaryFolder(), 'run'),
      { backend: 'tun' },
    );
    expect(results.complete).toBe(true);
    const cellOf = (mode: string, link: string, topology: string): CellResult => {
      const found = results.cells.find(
        (one) => one.mode === mode && one.link === link && one.topology === topology,
      );
      if (found === undefined) throw new Error(`No cell ${mode}/${link}/${topology}`);
      return found;
    };
    const fastestMs = (mode: string, link: string, topology: string): number =>
      Math.min(
        ...samples
          .filter(({ cell }) => cell === cellOf(mode, link, topology).id)
          .map(({ milestonesMs }) => milestonesMs.connectReceived ?? Infinity),
      );
    for (const [mode, trips] of [
      ['plain', 3],
      ['tls13-resumed', 5],
    ] as const) {
      for (const [topology, before] of [
        ['warm', 0],
        ['cold', 2],
      ] as const) {
        const far = cellOf(mode, 'outer', topology);
        expect(far.samples).toMatchObject({ attempted: 14, ok: 14 });
        expect(fastestMs(mode, 'outer', topology)).toBeGreaterThan(34 * (trips + before) + 5 * trips - 1);
        expect(fastestMs(mode, 'outer', topology)).toBeLessThan(34 * (trips + before + 0.9) + 5 * trips);
        expect(fastestMs(mode, 'null', topology)).toBeGreaterThan(5 * trips - 1);
        // Nobody at the broker's end says when it answered the SYN: it accepts two trips later.
        expect(far.milestones.tcpAccepted).toBeUndefined();
      }
    }
    await expectNothingLeft();
  },
);
