import type { BrokerChoice } from '../broker/broker.ts';
import type { LinkSpec } from '../link/spec.ts';
import type { Workload } from '../swarm/workloads/settings/index.ts';
import type { TopologyChoice } from '../topology/topology.ts';
import type { Expect } from './expect.ts';

/** A scenario with profiles looked up, defaults filled in and single values made lists. */
export interface Scenario {
  name: string;
  question: string;
  modes: string[];
  links: LinkSpec[];
  brokers: BrokerChoice[];
  topologies: TopologyChoice[];
  workloads: Workload[];
  rounds: number;
  warmupRounds: number;
  seed: number;
  expect: Expect;
}
