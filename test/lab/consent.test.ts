import { expect, test } from 'vitest';
import { wantsOf } from '../../src/lab/consent.ts';
import { ranked } from '../../src/link/backends.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import type { TopologyChoice } from '../../src/topology/topology.ts';
import { scenarioWith } from '../helpers/runs.ts';

function choose(name: string): TopologyChoice {
  return topologyOf<string>({ name }, (link) => resolveLink({ name: link, oneWayMs: 1 }));
}

test.each([
  [['direct'], [], 'netem'],
  [['direct', 'tls-terminated'], ['hops'], 'tun'],
  [['tls-reencrypted'], ['hops'], 'tun'],
  [['firewall', 'tls-reencrypted', 'vpn'], ['cables', 'hops'], 'tun'],
])('topologies %j want a backend with %j: of all, %s', (names, abilities, best) => {
  const plan = makePlan(scenarioWith({ modes: ['tls13'], topologies: names.map(choose) }));
  const wants = wantsOf(plan);
  expect(wants.abilities).toEqual(abilities);
  expect(ranked(wants)[0]?.name).toBe(best);
});
