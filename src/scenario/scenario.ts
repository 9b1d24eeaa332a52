import type { LinkSpec } from '../link/spec.ts';
import type { RuntimeName } from '../runtimes/index.ts';
import type { Workload } from '../swarm/workloads/schema.ts';
import type { Expect } from './expect.ts';

/** The broker of a cell, with every default in its place. */
export interface BrokerChoice {
  /** What it is called in cells: the name, and what is unusual about it (`aedes-nagle`). */
  id: string;
  name: string;
  port: number | undefined;
  noDelay: boolean;
  runtime: RuntimeName;
}

/** A scenario with profiles looked up, defaults filled in and single values made lists. */
export interface Scenario {
  name: string;
  question: string;
  modes: string[];
  links: LinkSpec[];
  brokers: BrokerChoice[];
  topologies: string[];
  workloads: Workload[];
  rounds: number;
  warmupRounds: number;
  seed: number;
  expect: Expect;
}
