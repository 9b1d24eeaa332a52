import { expect, test } from 'vitest';
import type { BackendAbility } from '../../src/link/backend.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { findUnbuildable } from '../../src/lab/unsupported.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { TOPOLOGIES, topologyNamed } from '../../src/topology/index.ts';
import type { TopologyChoice } from '../../src/topology/topology.ts';
import { scenarioWith } from '../helpers/runs.ts';

const needing = (ability: BackendAbility): string[] =>
  TOPOLOGIES.filter((topology) => 'needs' in topology && topology.needs === ability).map(({ name }) => name);

function choose(name: string, options: Record<string, unknown> = {}): TopologyChoice {
  return topologyOf<string>({ name, ...options }, (name) => resolveLink({ name, oneWayMs: 1 }));
}

test.each(needing('cables'))(
  '%s needs a backend that leads packets across routers, and says which',
  async (name) => {
    const plan = makePlan(scenarioWith({ modes: ['plain'], topologies: [choose('direct'), choose(name)] }));
    expect(await findUnbuildable(plan, 'proxy')).toEqual([
      {
        mode: 'plain',
        topology: name,
        reason: "the 'proxy' backend leads no packets across routers; one that does: --backend tun",
      },
    ]);
  },
);

test.each(needing('hops'))(
  '%s needs a backend with links on both sides of a hop, and says which',
  async (name) => {
    const plan = makePlan(scenarioWith({ modes: ['tls13'], topologies: [choose('direct'), choose(name)] }));
    expect(await findUnbuildable(plan, 'netem')).toEqual([
      {
        mode: 'tls13',
        topology: name,
        reason:
          "the 'netem' backend leads no link from a hop to a broker; one that does: --backend tun, proxy, none",
      },
    ]);
    for (const backend of ['tun', 'proxy', 'none'] as const)
      expect(await findUnbuildable(plan, backend)).toEqual([]);
  },
);

test('closed ports make no sense for clients that the broker is to refuse, or that resume', () => {
  const firewall = topologyNamed('firewall');
  const closed = choose('firewall', { closed: 'reject' });
  expect(firewall.cannot(modeNamed('tls13'), closed)).toBeUndefined();
  expect(firewall.cannot(modeNamed('mtls13+client=revoked'), closed)).toContain('refused by the broker');
  expect(firewall.cannot(modeNamed('tls13-resumed'), closed)).toContain('no session to resume');
  for (const mode of ['mtls13+client=revoked', 'tls13-resumed'])
    expect(firewall.cannot(modeNamed(mode), choose('firewall'))).toBeUndefined();
});

test('a cold tunnel is up just before the SYN, a warm one long before', () => {
  const vpn = topologyNamed('vpn');
  const before = (options: Record<string, unknown>): unknown =>
    vpn.path(modeNamed('plain'), choose('vpn', options));
  expect(before({ warm: false })).toEqual({ kind: 'through', before: 2 });
  expect(before({ warm: true })).toEqual({ kind: 'through', before: 0 });
  expect(before({ kind: 'openvpn', warm: false })).toEqual({ kind: 'through', before: 8 });
  expect(before({})).toEqual({ kind: 'through', before: 0 });
});
