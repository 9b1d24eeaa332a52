import { profile, type Profiles } from '../link/profiles.ts';
import { resolveLink, type LinkSpec } from '../link/spec.ts';
import { OWN_RUNTIME } from '../runtimes/index.ts';
import { modeIdsOf } from './modes.ts';
import type { BrokerChoice, Scenario } from './scenario.ts';
import { brokerId, type ParsedScenario } from './schema.ts';

type ParsedBroker = Extract<ParsedScenario['broker'], string | { name: string }>;

/** Looks profiles up, among the shipped ones unless others are given, fills defaults in and makes lists of single values. */
export function resolveScenario(parsed: ParsedScenario, profiles?: Profiles): Scenario {
  const { name, question, modes, rounds, warmupRounds, seed, expect } = parsed;
  return {
    name,
    question,
    modes: modes.flatMap(modeIdsOf),
    links: parsed.links.map((link) => linkOf(link, profiles)),
    brokers: listOf(parsed.broker).map(brokerOf),
    topologies: listOf(parsed.topology),
    workloads: listOf(parsed.workload),
    rounds,
    warmupRounds,
    seed,
    expect,
  };
}

function linkOf(link: ParsedScenario['links'][number], profiles: Profiles | undefined): LinkSpec {
  if (typeof link !== 'string') return resolveLink(link);
  const { id, up, down } = profile(link, profiles);
  return { id, up, down };
}

function brokerOf(broker: ParsedBroker): BrokerChoice {
  const {
    name,
    port,
    noDelay = true,
    runtime = OWN_RUNTIME,
  } = typeof broker === 'string' ? { name: broker, port: undefined } : { port: undefined, ...broker };
  return { id: brokerId(broker), name, port, noDelay, runtime };
}

function listOf<T>(oneOrMore: T | T[]): T[] {
  return Array.isArray(oneOrMore) ? oneOrMore : [oneOrMore];
}
