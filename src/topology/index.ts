import { direct } from './direct.ts';
import { dmz } from './dmz.ts';
import { firewall } from './firewall.ts';
import { redundantFirewalls } from './redundant-firewalls.ts';
import { tlsReencrypted } from './tls-reencrypted.ts';
import { tlsTerminated } from './tls-terminated.ts';
import type { Topology } from './topology.ts';
import { vpn } from './vpn.ts';

/** Every topology. A new one is one file and one line here. */
export const TOPOLOGIES = [
  direct,
  firewall,
  dmz,
  redundantFirewalls,
  tlsTerminated,
  tlsReencrypted,
  vpn,
] as const satisfies Topology[];

const TOPOLOGY_NAMES = TOPOLOGIES.map((topology) => topology.name);

/** The topology of that name. Throws a RangeError for a name that is not in {@link TOPOLOGIES}. */
export function topologyNamed(name: string): Topology {
  const topology = TOPOLOGIES.find((candidate) => candidate.name === name);
  if (topology === undefined)
    throw new RangeError(`Expected one of ${TOPOLOGY_NAMES.join(', ')}, got '${name}'`);
  return topology;
}
