import { direct } from './direct.ts';
import type { Topology } from './topology.ts';

/** Every topology. A new one is one file and one line here. */
export const TOPOLOGIES = [direct] as const satisfies Topology[];

export const TOPOLOGY_NAMES = TOPOLOGIES.map((topology) => topology.name);
