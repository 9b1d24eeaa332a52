import { resolve } from 'node:path';
import { profile, type Profiles } from '../link/profiles.ts';
import { resolveLink, type LinkSpec } from '../link/spec.ts';
import { resolveWorkload } from '../swarm/workloads/settings/index.ts';
import { brokerOf } from './broker.ts';
import { modeIdsOf } from './modes.ts';
import type { Scenario } from './scenario.ts';
import type { ParsedScenario } from './schema.ts';
import { topologyOf, type TopologyInput } from './topology.ts';

type ParsedLink = ParsedScenario['links'][number];

/**
 * Looks profiles up, among the shipped ones unless others are given, fills defaults in and makes lists of single values.
 * Paths of brokers count from the folder.
 */
export function resolveScenario(parsed: ParsedScenario, profiles?: Profiles, folder = '.'): Scenario {
  const { name, question, modes, rounds, warmupRounds, seed, expect } = parsed;
  return {
    name,
    question,
    modes: modes.flatMap(modeIdsOf),
    links: parsed.links.map((link) => linkOf(link, profiles)),
    brokers: listOf(parsed.broker).map((broker) => brokerOf(broker, (path) => resolve(folder, path))),
    topologies: listOf(parsed.topology).map((topology) =>
      topologyOf<ParsedLink>(topology as TopologyInput<ParsedLink>, (link) => linkOf(link, profiles)),
    ),
    workloads: listOf(parsed.workload).flatMap(resolveWorkload),
    rounds,
    warmupRounds,
    seed,
    expect,
  };
}

function linkOf(link: ParsedLink, profiles: Profiles | undefined): LinkSpec {
  if (typeof link !== 'string') return resolveLink(link);
  const { id, up, down } = profile(link, profiles);
  return { id, up, down };
}

function listOf<T>(oneOrMore: T | T[]): T[] {
  return Array.isArray(oneOrMore) ? oneOrMore : [oneOrMore];
}
